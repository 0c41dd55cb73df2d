-- The movable clock of demo, replay and tests. A production start refuses a database that has it.
CREATE TABLE app_clock (
  one     boolean PRIMARY KEY DEFAULT true CHECK (one),
  wall_at timestamptz NOT NULL,
  app_at  timestamptz NOT NULL,
  rate    float8 NOT NULL CHECK (rate >= 0)
);
INSERT INTO app_clock (wall_at, app_at, rate) SELECT clock_timestamp(), clock_timestamp(), 1;
CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz VOLATILE LANGUAGE sql AS $$
  SELECT date_trunc('milliseconds', app_at + greatest(clock_timestamp() - wall_at, interval '0') * rate)
    FROM app_clock $$;
