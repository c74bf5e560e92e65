create table customers (
    id text primary key,
    name text not null,
    level text not null,
    phone text not null,
    repayment_day integer not null,
    situation text not null
) strict;

create table limits (
    customer text primary key references customers (id),
    limit_fen integer not null,
    rate_bp integer not null,
    valid_until text,
    state text not null,
    reason text not null,
    reason_en text not null
) strict;

-- Only the first six and last four digits of a card number are ever stored.
create table cards (
    id text primary key,
    customer text not null references customers (id),
    bin text not null,
    bank text not null,
    tail text not null,
    phone text not null,
    state text not null,
    is_default integer not null,
    -- A card that declines has no money on it: deductions from it fail in any weather.
    declines integer not null
) strict;

create table loans (
    id text primary key,
    customer text not null references customers (id),
    product text not null,
    principal_fen integer not null,
    rate_bp integer not null,
    terms integer not null,
    method text not null,
    repayment_day integer not null,
    card text not null references cards (id),
    state text not null,
    disbursed_on text,
    day_changed_on text,
    -- Rises with every change of the terms, so that a quote made before it is recognised as stale.
    version integer not null
) strict;

create table terms (
    loan text not null references loans (id),
    number integer not null,
    due_date text not null,
    principal_fen integer not null,
    interest_fen integer not null,
    fee_fen integer not null,
    -- Penalty accrued up to penalty_from; what accrued since is computed.
    penalty_fen integer not null,
    penalty_from text not null,
    paid_principal_fen integer not null,
    paid_interest_fen integer not null,
    paid_fee_fen integer not null,
    paid_penalty_fen integer not null,
    deferrals integer not null,
    primary key (loan, number)
) strict;

create table applications (
    id text primary key,
    customer text not null references customers (id),
    product text not null,
    amount_fen integer not null,
    applied_on text not null,
    state text not null,
    expected_by text,
    reason text not null,
    reason_en text not null,
    loan text references loans (id)
) strict;

-- Money on its way, to the customer (disbursement) or from them.
create table transfers (
    id text primary key,
    customer text not null references customers (id),
    loan text not null references loans (id),
    kind text not null,
    amount_fen integer not null,
    card text not null references cards (id),
    quote text references quotes (id),
    -- The day for which the money counts.
    value_date text not null,
    state text not null,
    reason text not null,
    reason_en text not null,
    since_ms integer not null,
    -- A held transfer stays where it is until its weather is set again: how the seed shows one that is late.
    held integer not null
) strict;

-- Every request first moves on the transfers that have not ended; they are few among many that have.
create index transfers_moving on transfers (state) where state in ('submitted', 'processing');

create table quotes (
    id text primary key,
    customer text not null references customers (id),
    loan text not null references loans (id),
    kind text not null,
    -- The settlement date, or the deferred term's new due date.
    on_date text not null,
    days integer not null,
    principal_fen integer not null,
    interest_fen integer not null,
    fee_fen integer not null,
    loan_version integer not null,
    used integer not null
) strict;

create table deferrals (
    id text primary key,
    quote text not null references quotes (id),
    reason text not null,
    made_on text not null
) strict;

create table certificates (
    number text primary key,
    -- Unguessable: the document page has no other protection.
    token text not null,
    customer text not null references customers (id),
    loan text not null references loans (id),
    kind text not null,
    issued_on text not null
) strict;

create table coupons (
    id text primary key,
    customer text not null references customers (id),
    title text not null,
    value_fen integer not null,
    min_amount_fen integer not null,
    valid_until text not null,
    used integer not null
) strict;

-- Verification codes, by what they verify: a card or a phone change.
create table codes (
    ref text primary key,
    code text not null,
    sent_to text not null,
    attempts_left integer not null,
    expires_ms integer not null
) strict;

create table phone_changes (
    id text primary key,
    customer text not null references customers (id),
    new_phone text not null,
    done integer not null
) strict;

create table closures (
    id text primary key,
    customer text not null unique references customers (id),
    done_by text not null
) strict;

create table weather (
    only_row integer primary key check (only_row = 1),
    spoken text not null
) strict;

create table answers (
    idempotency_key text primary key,
    fingerprint blob not null,
    status integer not null,
    body text not null
) strict;

create table counters (
    name text primary key,
    value integer not null
) strict;

pragma user_version = 1;
