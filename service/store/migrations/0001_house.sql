-- The house: places and people, tickets and their histories, clocks, outbox.
-- Times are written by commands from app_now(); no business column has a default (RULINGS 8).

-- app_now() is the only clock. Production: the database's own. `anju db upgrade
-- --simulated` replaces it by a movable one (see simulated.sql).
CREATE FUNCTION app_now() RETURNS timestamptz VOLATILE LANGUAGE sql AS
$$ SELECT date_trunc('milliseconds', clock_timestamp()) $$;

-- ── places and people ────────────────────────────────────────────────────────

CREATE TABLE place (
  id          text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  level       text NOT NULL CHECK (level IN ('district', 'street', 'community', 'compound',
                                             'building', 'unit', 'household')),
  path        text NOT NULL UNIQUE,
  key         text NOT NULL GENERATED ALWAYS AS (path || '/') STORED,
  name        text NOT NULL,
  parent      text REFERENCES place,
  time_zone   text NOT NULL,
  profile     text,                                 -- SLA profile of repairs; null inherits
  flags       jsonb NOT NULL DEFAULT '{}',          -- no_manager, micro_circulation_open, committee, warranty_until, profiles {family: id}
  version     int NOT NULL DEFAULT 1
);
CREATE INDEX place_key ON place (key, id);
CREATE INDEX place_parent ON place (parent);

CREATE TABLE vendor (
  id               text PRIMARY KEY,
  name             text NOT NULL,
  place_id         text NOT NULL REFERENCES place,
  place_key        text NOT NULL,
  service_lines    text[] NOT NULL DEFAULT '{}',
  body             text CHECK (body IN ('developer', 'title_unit', 'authority')),
  pool_active      boolean NOT NULL DEFAULT false,
  pool_trades      text[] NOT NULL DEFAULT '{}',
  pool_valid_until date,
  capacity         int NOT NULL DEFAULT 20 CHECK (capacity >= 0),
  listed           text NOT NULL DEFAULT 'none' CHECK (listed IN ('red', 'black', 'none')),
  market_exit      boolean NOT NULL DEFAULT false,
  version          int NOT NULL DEFAULT 1
);
CREATE INDEX vendor_place ON vendor (place_key, id);

CREATE TABLE crew (
  id           text PRIMARY KEY,
  name         text NOT NULL,
  vendor_id    text REFERENCES vendor,
  place_id     text NOT NULL REFERENCES place,
  place_key    text NOT NULL,
  skills       text[] NOT NULL DEFAULT '{}',
  certificates jsonb NOT NULL DEFAULT '[]',         -- [{trade, valid_until}]
  shifts       jsonb NOT NULL DEFAULT '[]',         -- [{from, to}] local HH:MM, may cross midnight
  last_contact_at timestamptz,
  version      int NOT NULL DEFAULT 1
);
CREATE INDEX crew_place ON crew (place_key, id);

CREATE TABLE utility (
  id        text PRIMARY KEY,
  trade     text NOT NULL,
  name      text NOT NULL,
  phone     text NOT NULL,
  place_id  text NOT NULL REFERENCES place,
  place_key text NOT NULL,
  version   int NOT NULL DEFAULT 1
);
CREATE INDEX utility_place ON utility (place_key, id);

-- Personal data lies apart from the history, so that it can be erased without breaking a chain.
CREATE TABLE party (
  id             uuid PRIMARY KEY,
  name           text,
  phone          text,
  place_id       text REFERENCES place,
  notice_version text,
  created_at     timestamptz NOT NULL,
  version        int NOT NULL DEFAULT 1
);
CREATE INDEX party_place ON party (place_id, id);

CREATE TABLE account (
  id         uuid PRIMARY KEY,
  name       text NOT NULL,
  role       text NOT NULL CHECK (role IN ('resident', 'dispatcher', 'crew', 'vendor_manager',
               'mediator', 'committee', 'community_officer', 'street_officer', 'district_officer',
               'manager', 'auditor', 'admin')),   -- never 'system'
  place_id   text NOT NULL REFERENCES place,
  place_path text NOT NULL,
  crew_id    text REFERENCES crew,
  vendor_id  text REFERENCES vendor,
  party_id   uuid REFERENCES party,
  tier       smallint CHECK (tier BETWEEN 1 AND 3),
  is_lead    boolean NOT NULL DEFAULT false,       -- crew lead, mediator head (RULINGS 25)
  on_duty    boolean NOT NULL DEFAULT true,        -- shift lead = dispatcher on duty
  active     boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL
);
CREATE INDEX account_reach ON account (role, place_path) WHERE active;
CREATE INDEX account_crew ON account (crew_id) WHERE crew_id IS NOT NULL;
CREATE INDEX account_party ON account (party_id) WHERE party_id IS NOT NULL;
CREATE INDEX account_vendor ON account (vendor_id) WHERE vendor_id IS NOT NULL;

CREATE TABLE api_key (
  id           uuid PRIMARY KEY,
  account_id   uuid NOT NULL REFERENCES account,
  prefix       text NOT NULL UNIQUE,
  hash         bytea NOT NULL,
  scopes       text[] NOT NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz
);
CREATE INDEX api_key_account ON api_key (account_id, id);

-- ── policy ──────────────────────────────────────────────────────────────────

CREATE TABLE sla_profile (
  id             text NOT NULL,
  version        int NOT NULL,
  kind           text NOT NULL,
  body           jsonb NOT NULL,
  digest         text NOT NULL,
  missing        text[] NOT NULL DEFAULT '{}',     -- a template names what is missing and cannot be chosen
  effective_from timestamptz NOT NULL,
  PRIMARY KEY (id, version)
);

CREATE TABLE transition (                          -- synchronised from the registry at deploy
  kind text, from_state text, event text, to_state text,
  PRIMARY KEY (kind, from_state, event, to_state)
);

-- ── tickets ─────────────────────────────────────────────────────────────────

CREATE TABLE ticket_number (
  kind text NOT NULL, day date NOT NULL, last int NOT NULL,
  PRIMARY KEY (kind, day)
);

CREATE TABLE ticket (
  id              uuid PRIMARY KEY,
  number          text NOT NULL UNIQUE,
  kind            text NOT NULL,
  state           text NOT NULL,
  seq             int NOT NULL,
  version         int NOT NULL,
  machine_version int NOT NULL,
  place_id        text NOT NULL REFERENCES place,
  place_path      text NOT NULL,
  place_key       text NOT NULL GENERATED ALWAYS AS (place_path || '/') STORED,
  compound_id     text NOT NULL,
  time_zone       text NOT NULL,
  category        text NOT NULL,
  urgency         text NOT NULL CHECK (urgency IN ('emergency', 'urgent', 'normal')),
  priority        smallint NOT NULL CHECK (priority BETWEEN 1 AND 5),
  title           text NOT NULL,
  description     text NOT NULL,
  search          text NOT NULL,                   -- number, title, description, place; simplified characters
  reporter_id     uuid REFERENCES party,
  reporter_channel text NOT NULL,
  opened_by       uuid NOT NULL,
  assignee_type   text CHECK (assignee_type IN ('crew', 'vendor')),
  assignee_id     text,
  assignee_name   text,
  crew_id         text,
  vendor_id       text,
  outside_body    boolean NOT NULL DEFAULT false,
  profile         text NOT NULL,
  profile_version int NOT NULL,
  facts           jsonb NOT NULL DEFAULT '{}',
  opened_at       timestamptz NOT NULL,
  last_event_at   timestamptz NOT NULL,            -- SLA marks do not count (RULINGS 10)
  updated_at      timestamptz NOT NULL,
  closed_at       timestamptz,
  next_due_at     timestamptz,
  UNIQUE (id, kind)
) WITH (fillfactor = 80);
CREATE INDEX ticket_due ON ticket (kind, coalesce(next_due_at, 'infinity'::timestamptz), id);
CREATE INDEX ticket_place ON ticket (place_key, kind, coalesce(next_due_at, 'infinity'::timestamptz), id);
CREATE INDEX ticket_opened ON ticket (kind, opened_at, id);
CREATE INDEX ticket_state ON ticket (kind, state, coalesce(next_due_at, 'infinity'::timestamptz), id);
CREATE INDEX ticket_crew ON ticket (crew_id, coalesce(next_due_at, 'infinity'::timestamptz), id) WHERE crew_id IS NOT NULL;
CREATE INDEX ticket_vendor ON ticket (vendor_id, coalesce(next_due_at, 'infinity'::timestamptz), id) WHERE vendor_id IS NOT NULL;
CREATE INDEX ticket_duplicate ON ticket (place_id, category, opened_at);
CREATE INDEX ticket_reporter ON ticket (reporter_id) WHERE reporter_id IS NOT NULL;
CREATE INDEX ticket_opened_by ON ticket (opened_by, id);
CREATE INDEX ticket_closed ON ticket (kind, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX ticket_load_crew ON ticket (crew_id) WHERE closed_at IS NULL AND crew_id IS NOT NULL;
CREATE INDEX ticket_load_vendor ON ticket (vendor_id) WHERE closed_at IS NULL AND vendor_id IS NOT NULL;
CREATE INDEX ticket_search ON ticket USING gin (search gin_trgm_ops);

CREATE TABLE event (
  ticket_id       uuid NOT NULL,
  seq             int NOT NULL CHECK (seq > 0),
  kind            text NOT NULL,
  id              uuid NOT NULL UNIQUE,            -- unique for ever
  type            text NOT NULL,
  from_state      text NOT NULL,
  to_state        text NOT NULL,
  version         int NOT NULL,
  actor_id        uuid NOT NULL,
  actor_role      text NOT NULL,
  device_id       uuid,
  occurred_at     timestamptz NOT NULL,            -- effective; clocks use it
  received_at     timestamptz NOT NULL,            -- known
  raw_occurred_at timestamptz,                     -- as claimed, when corrected
  data            jsonb NOT NULL,
  effects         jsonb NOT NULL,                  -- what happened to the clocks: sla.clocks.effects
  comment         text,
  fingerprint     bytea,                           -- of the request, for a reused event id
  xid             xid8 NOT NULL DEFAULT pg_current_xact_id(),
  prev_hash       bytea,
  hash            bytea NOT NULL,
  PRIMARY KEY (ticket_id, seq),
  FOREIGN KEY (ticket_id, kind) REFERENCES ticket (id, kind) DEFERRABLE INITIALLY DEFERRED
);

-- Seals a line: legal here, continues the line before, hash over its canonical JSON (RULINGS 40).
-- The legal moves are looked up rather than referenced: a foreign key would lock the same few
-- rows of `transition` from every command at once.
CREATE FUNCTION event_hash(e event) RETURNS bytea IMMUTABLE LANGUAGE sql AS $$
  SELECT sha256(coalesce(e.prev_hash, ''::bytea) || convert_to(jsonb_build_array(
    e.ticket_id, e.seq, e.kind, e.id, e.type, e.from_state, e.to_state, e.version,
    e.actor_id, e.actor_role, e.device_id,
    (extract(epoch FROM e.occurred_at) * 1000)::bigint,
    (extract(epoch FROM e.received_at) * 1000)::bigint,
    (extract(epoch FROM e.raw_occurred_at) * 1000)::bigint,
    e.data, e.effects, e.comment)::text, 'UTF8')) $$;

CREATE FUNCTION event_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last event%ROWTYPE;
BEGIN
  IF NOT EXISTS (SELECT FROM transition t WHERE t.kind = NEW.kind AND t.from_state = NEW.from_state
                    AND t.event = NEW.type AND t.to_state = NEW.to_state) THEN
    RAISE EXCEPTION '% may not go from % to % by %', NEW.kind, NEW.from_state, NEW.to_state, NEW.type
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF NEW.seq = 1 THEN
    IF NEW.from_state <> '' THEN
      RAISE EXCEPTION 'history of % starts in mid-air', NEW.ticket_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.prev_hash := NULL;
  ELSE
    SELECT * INTO last FROM event WHERE ticket_id = NEW.ticket_id AND seq = NEW.seq - 1;
    IF NOT FOUND OR last.to_state <> NEW.from_state OR NEW.version NOT IN (last.version, last.version + 1) THEN
      RAISE EXCEPTION 'history of % does not continue at %', NEW.ticket_id, NEW.seq
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.prev_hash := last.hash;
  END IF;
  NEW.hash := event_hash(NEW);
  RETURN NEW;
END $$;
CREATE TRIGGER event_seal BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_seal();

CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
  FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- A ticket row changes only together with the lines that say why.
CREATE FUNCTION ticket_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.number <> OLD.number OR NEW.seq <= OLD.seq
     OR (SELECT count(*) FROM event e WHERE e.ticket_id = NEW.id AND e.seq > OLD.seq AND e.seq <= NEW.seq)
        <> NEW.seq - OLD.seq
     OR NOT EXISTS (SELECT FROM event e WHERE e.ticket_id = NEW.id AND e.seq = OLD.seq + 1
                       AND e.from_state = OLD.state)
     OR NOT EXISTS (SELECT FROM event e WHERE e.ticket_id = NEW.id AND e.seq = NEW.seq
                       AND e.to_state = NEW.state AND e.version = NEW.version) THEN
    RAISE EXCEPTION 'ticket % changed without its event', NEW.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ticket_guard BEFORE UPDATE ON ticket FOR EACH ROW EXECUTE FUNCTION ticket_guard();

CREATE FUNCTION ticket_birth() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NOT EXISTS (SELECT FROM event WHERE ticket_id = NEW.id AND seq = 1) THEN
    RAISE EXCEPTION 'ticket % was born without its event', NEW.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ticket_birth AFTER INSERT ON ticket DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ticket_birth();

CREATE TABLE assignment (                          -- at most one open assignment a ticket
  ticket_id   uuid NOT NULL,
  seq         int NOT NULL,                        -- of the event that assigned
  type        text NOT NULL,
  assignee_id text NOT NULL,
  crew_id     text,
  vendor_id   text,
  assigned_at timestamptz NOT NULL,
  ended_at    timestamptz,
  PRIMARY KEY (ticket_id, seq),
  FOREIGN KEY (ticket_id) REFERENCES ticket DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX assignment_open ON assignment (ticket_id) WHERE ended_at IS NULL;
CREATE INDEX assignment_crew ON assignment (crew_id, ticket_id) WHERE crew_id IS NOT NULL;
CREATE INDEX assignment_vendor ON assignment (vendor_id, assigned_at, ticket_id) WHERE vendor_id IS NOT NULL;

-- Child rows that events write; `row` is what the workflow's effect said.
CREATE TABLE ticket_child (
  ticket_id uuid NOT NULL,
  seq       int NOT NULL,                          -- of the event
  n         int NOT NULL,
  noun      text NOT NULL CHECK (noun IN ('work_log', 'follower', 'linked_request', 'revisit', 'sealed')),
  at        timestamptz NOT NULL,
  row       jsonb NOT NULL,
  PRIMARY KEY (ticket_id, seq, n),
  FOREIGN KEY (ticket_id) REFERENCES ticket DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ticket_child_noun ON ticket_child (noun, at, ticket_id);

-- Who sees a ticket though neither role nor assignment says so: tier:2, place:<id>,
-- account:<id>, vendor:<id>. Who once handled a case may look it up; only who was named by
-- mistake loses sight of it.
CREATE TABLE ticket_stake (
  holder    text NOT NULL,
  ticket_id uuid NOT NULL,
  PRIMARY KEY (holder, ticket_id),
  FOREIGN KEY (ticket_id) REFERENCES ticket DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ticket_stake_ticket ON ticket_stake (ticket_id);

CREATE TABLE ticket_cause (                        -- what led to what, traceable both ways
  effect_id  uuid NOT NULL,
  effect_seq int NOT NULL,
  cause_id   uuid NOT NULL REFERENCES ticket,
  cause_seq  int NOT NULL,
  relation   text NOT NULL,
  at         timestamptz NOT NULL,
  PRIMARY KEY (effect_id, cause_id, cause_seq, relation),
  FOREIGN KEY (effect_id) REFERENCES ticket DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ticket_cause_cause ON ticket_cause (cause_id, effect_id);

CREATE TABLE note (
  id         uuid PRIMARY KEY,
  ticket_id  uuid NOT NULL REFERENCES ticket,
  seq        int NOT NULL,
  actor_id   uuid NOT NULL,
  level      text NOT NULL CHECK (level IN ('private', 'shared', 'recorded')),
  tier       smallint,                             -- the body a shared note stays in
  party      int,                                  -- the party a shared note is for as well
  text       text NOT NULL,
  at         timestamptz NOT NULL
);
CREATE INDEX note_ticket ON note (ticket_id, seq);

-- ── deposits and scores ─────────────────────────────────────────────────────

CREATE TABLE deposit (                             -- one a contract: vendor and compound
  vendor_id    text NOT NULL REFERENCES vendor,
  compound_id  text NOT NULL REFERENCES place,
  required_fen bigint NOT NULL CHECK (required_fen >= 0),
  balance_fen  bigint NOT NULL DEFAULT 0 CHECK (balance_fen >= 0),
  contract_until date,                             -- last day of the contract, if it has one
  PRIMARY KEY (vendor_id, compound_id)
);

CREATE TABLE ledger_entry (                        -- double entry; its trigger moves the balance
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vendor_id   text NOT NULL,
  compound_id text NOT NULL,
  debit       text NOT NULL,                       -- the account the money leaves
  credit      text NOT NULL,                       -- the account it comes to
  fen         bigint NOT NULL CHECK (fen > 0),
  reason      text NOT NULL,
  ticket_id   uuid REFERENCES ticket DEFERRABLE INITIALLY DEFERRED,
  event_seq   int,
  actor_id    uuid NOT NULL,
  document    text,
  at          timestamptz NOT NULL,
  CHECK (debit <> credit),
  CHECK (ARRAY[debit, credit] <@ ARRAY['deposit:' || vendor_id || ':' || compound_id,
                                       'public:' || compound_id, 'vendor:' || vendor_id]),
  CHECK ((ticket_id IS NULL) = (event_seq IS NULL)),
  FOREIGN KEY (vendor_id, compound_id) REFERENCES deposit
);
CREATE INDEX ledger_vendor ON ledger_entry (vendor_id, compound_id, id);
CREATE UNIQUE INDEX ledger_once ON ledger_entry (ticket_id, event_seq, debit, credit);

CREATE FUNCTION ledger_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE account text := 'deposit:' || NEW.vendor_id || ':' || NEW.compound_id;
BEGIN
  UPDATE deposit SET balance_fen = balance_fen
         + CASE account WHEN NEW.credit THEN NEW.fen WHEN NEW.debit THEN -NEW.fen ELSE 0 END
   WHERE vendor_id = NEW.vendor_id AND compound_id = NEW.compound_id;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_moves AFTER INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_moves();
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TABLE credit_event (                        -- scores are sums over these (DOMAIN 3C.4)
  ticket_id uuid NOT NULL,
  seq       int NOT NULL,
  n         int NOT NULL,
  vendor_id text NOT NULL,
  subject   text NOT NULL CHECK (subject IN ('company', 'manager')),
  manager   text,
  points    int NOT NULL,
  reason    text NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (ticket_id, seq, n),
  FOREIGN KEY (ticket_id) REFERENCES ticket DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX credit_vendor ON credit_event (vendor_id, subject, at);
CREATE TRIGGER credit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_event
  FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TABLE revisit_sample (                      -- the seed of each month and contract (DOMAIN 3A.5)
  contract text NOT NULL, month date NOT NULL, seed bigint NOT NULL,
  closed int NOT NULL, size int NOT NULL, drawn_at timestamptz NOT NULL,
  PRIMARY KEY (contract, month)
);

CREATE TABLE revisit_alarm (                       -- a month's rate was too low; the key forbids a second time
  contract  text NOT NULL,
  month     date NOT NULL,
  level     smallint NOT NULL,                     -- 0 at the month's end, 1 days later
  closed    int NOT NULL,
  revisited int NOT NULL,
  raised_at timestamptz NOT NULL,
  PRIMARY KEY (contract, month, level),
  CHECK (0 <= revisited AND revisited < closed)
);

-- ── clocks ──────────────────────────────────────────────────────────────────

CREATE TABLE clock (                               -- derived from the history; may be rebuilt, must then be equal
  ticket_id        uuid NOT NULL,
  name             text NOT NULL,
  epoch            int NOT NULL,
  state            text NOT NULL CHECK (state IN ('running', 'paused', 'stopped')),
  result           text CHECK (result IN ('met', 'breached', 'breached_excused', 'not_applicable')),
  profile          text NOT NULL,
  profile_version  int NOT NULL,
  calendar         text NOT NULL,
  calendar_version int NOT NULL,
  rule             text NOT NULL,
  anchor           text NOT NULL,
  target_ms        bigint NOT NULL,
  started_at       timestamptz NOT NULL,
  counted_ms       bigint NOT NULL,
  since            timestamptz,
  paused_at        timestamptz,
  paused_ms        bigint NOT NULL,
  pause_cause      text,
  due_at           timestamptz,
  warn_at          timestamptz,
  stopped_at       timestamptz,
  breached_at      timestamptz,
  excused          boolean NOT NULL,
  next_level       smallint,
  next_at          timestamptz,                    -- when the next rung fires; null = nothing armed
  attempts         int NOT NULL DEFAULT 0,         -- machine time from here on
  retry_at         timestamptz NOT NULL DEFAULT '-infinity',
  parked_at        timestamptz,
  last_error       text,
  PRIMARY KEY (ticket_id, name, epoch),
  FOREIGN KEY (ticket_id) REFERENCES ticket DEFERRABLE INITIALLY DEFERRED
) WITH (fillfactor = 80);
CREATE INDEX clock_due ON clock (next_at) WHERE next_at IS NOT NULL AND parked_at IS NULL;
CREATE INDEX clock_report ON clock (name, coalesce(breached_at, due_at));
CREATE INDEX clock_period ON clock (coalesce(breached_at, due_at));
CREATE INDEX clock_parked ON clock (parked_at) WHERE parked_at IS NOT NULL;

CREATE TABLE escalation (                          -- what fired; the key forbids a second time
  ticket_id    uuid NOT NULL,
  clock        text NOT NULL,
  epoch        int NOT NULL,
  level        smallint NOT NULL,
  due_at       timestamptz NOT NULL,               -- when the rung was due; level 0: the breach
  noticed_at   timestamptz NOT NULL,
  fired_by     text NOT NULL,
  event_seq    int NOT NULL,
  told         jsonb NOT NULL,                     -- [{role, account}]
  withdrawn_at timestamptz,
  PRIMARY KEY (ticket_id, clock, epoch, level),
  FOREIGN KEY (ticket_id, clock, epoch) REFERENCES clock,
  FOREIGN KEY (ticket_id, event_seq) REFERENCES event,
  CHECK (noticed_at >= due_at)
);

-- ── outbox, inbox, deliveries, feed ─────────────────────────────────────────

CREATE TABLE outbox (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic        text NOT NULL,
  ticket_id    uuid NOT NULL,
  event_seq    int NOT NULL,
  dedupe_key   text NOT NULL UNIQUE,
  payload      jsonb NOT NULL,                     -- ids only
  at           timestamptz NOT NULL,               -- business time of the event
  place_key    text NOT NULL,
  gone_key     text,                               -- the place the ticket left, for the feed
  xid          xid8 NOT NULL DEFAULT pg_current_xact_id(),
  feeds        boolean NOT NULL,                   -- numbered into the change feed
  attempts     int NOT NULL DEFAULT 0,
  retry_at     timestamptz NOT NULL DEFAULT '-infinity',
  sent_at      timestamptz,
  dead_at      timestamptz,
  last_error   text
);
CREATE INDEX outbox_todo ON outbox (id) WHERE sent_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_unfed ON outbox (id) WHERE feeds;

CREATE TABLE inbox (
  id              uuid PRIMARY KEY,
  account_id      uuid NOT NULL REFERENCES account,
  ticket_id       uuid REFERENCES ticket,
  event_seq       int,
  subject         jsonb,                           -- what it is about when that is no ticket
  topic           text NOT NULL,
  clock           text,
  level           smallint,
  at              timestamptz NOT NULL,
  acknowledged_at timestamptz,
  UNIQUE (account_id, ticket_id, event_seq, topic),
  CHECK ((ticket_id IS NULL) = (subject IS NOT NULL) AND (ticket_id IS NULL) = (event_seq IS NULL))
);
CREATE INDEX inbox_account ON inbox (account_id, at DESC, id DESC);

CREATE TABLE webhook_endpoint (
  id            uuid PRIMARY KEY,
  account_id    uuid NOT NULL REFERENCES account,
  url           text NOT NULL,
  types         text[] NOT NULL,
  place_id      text NOT NULL REFERENCES place,
  place_key     text NOT NULL,
  description   text NOT NULL DEFAULT '',
  secret        text NOT NULL,
  old_secret    text,
  old_until     timestamptz,
  created_at    timestamptz NOT NULL,
  disabled_at   timestamptz,
  disabled_why  text,
  slow_until    timestamptz,
  version       int NOT NULL DEFAULT 1
);

CREATE TABLE delivery (
  id           uuid PRIMARY KEY,
  outbox_id    bigint NOT NULL,
  channel      text NOT NULL,
  recipient    uuid NOT NULL,
  body         jsonb NOT NULL,
  attempts     int NOT NULL DEFAULT 0,
  retry_at     timestamptz NOT NULL DEFAULT '-infinity',
  lease_token  bigint NOT NULL DEFAULT 0,
  lease_until  timestamptz,
  status       int,
  created_at   timestamptz NOT NULL,
  sent_at      timestamptz,
  superseded_at timestamptz,
  dead_at      timestamptz,
  last_error   text,
  UNIQUE (outbox_id, channel, recipient)
);
CREATE INDEX delivery_todo ON delivery (retry_at, id)
  WHERE sent_at IS NULL AND superseded_at IS NULL AND dead_at IS NULL;
CREATE INDEX delivery_queue ON delivery (recipient, retry_at, id)
  WHERE sent_at IS NULL AND superseded_at IS NULL AND dead_at IS NULL;
CREATE INDEX delivery_recipient ON delivery (recipient, id DESC);

CREATE TABLE feed (
  seq       bigint PRIMARY KEY,
  ticket_id uuid NOT NULL,
  event_seq int NOT NULL,
  topic     text NOT NULL,
  place_key text NOT NULL,
  gone_key  text
);

-- ── the edge: idempotency, links, attachments, access log, heartbeats ───────

CREATE TABLE idempotency (
  actor_id    uuid NOT NULL,
  route       text NOT NULL,
  key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  fingerprint bytea NOT NULL,
  ticket_id   uuid,
  status      smallint,
  headers     jsonb,
  body        jsonb,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (actor_id, route, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE link (
  id         uuid PRIMARY KEY,
  ticket_id  uuid NOT NULL REFERENCES ticket,
  token_hash bytea NOT NULL UNIQUE,
  party      int,                                  -- of a dispute: the party it was made for
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX link_ticket ON link (ticket_id, id);

CREATE TABLE attachment (
  id          uuid PRIMARY KEY,
  account_id  uuid NOT NULL,                         -- who brought it: an account, or a link
  media_type  text NOT NULL,
  size        bigint NOT NULL,
  received    bigint NOT NULL DEFAULT 0,
  digest      bytea NOT NULL,
  created_at  timestamptz NOT NULL,
  complete_at timestamptz
);
CREATE INDEX attachment_unlinked ON attachment (created_at);
CREATE INDEX attachment_of ON attachment (account_id);
CREATE TABLE attachment_part (                     -- the original, kept as evidence
  attachment_id uuid NOT NULL REFERENCES attachment ON DELETE CASCADE,
  start         bigint NOT NULL,
  bytes         bytea NOT NULL,
  PRIMARY KEY (attachment_id, start)
);
CREATE TABLE attachment_copy (                     -- what is shown: upright, without position data
  attachment_id uuid NOT NULL REFERENCES attachment ON DELETE CASCADE,
  size          text NOT NULL CHECK (size IN ('full', 'thumb')),
  media_type    text NOT NULL,
  bytes         bytea NOT NULL,
  PRIMARY KEY (attachment_id, size)
);
CREATE TABLE ticket_attachment (
  ticket_id     uuid NOT NULL,
  attachment_id uuid NOT NULL REFERENCES attachment,
  event_seq     int NOT NULL,
  pointer       text NOT NULL,
  PRIMARY KEY (ticket_id, attachment_id, event_seq),
  FOREIGN KEY (ticket_id) REFERENCES ticket DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ticket_attachment_by_file ON ticket_attachment (attachment_id);

CREATE TABLE pii_access_log (
  id         uuid PRIMARY KEY,
  actor_id   uuid NOT NULL,
  subject    uuid,
  fields     text[] NOT NULL,
  purpose    text NOT NULL,
  ticket_id  uuid,
  at         timestamptz NOT NULL,
  request_id text
);
CREATE INDEX pii_access_subject ON pii_access_log (subject, at);
CREATE TRIGGER pii_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pii_access_log
  FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TABLE heartbeat (                           -- machine time: who last finished a round
  name    text PRIMARY KEY,
  wall_at timestamptz NOT NULL,
  app_at  timestamptz NOT NULL,
  detail  jsonb NOT NULL DEFAULT '{}'
);
