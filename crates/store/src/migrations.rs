//! The schema, step by step. Steps are only ever added; `meta.schema` counts those that have run.

/// Each step is a list of statements that run in one transaction.
pub const STEPS: &[&[&str]] = &[
    &[
        "create table conversation (
        id text primary key,
        customer text not null,
        customer_name text,
        signed_in bigint not null,
        channel text not null,
        lang text not null,
        opened_at bigint not null,
        updated_at bigint not null,
        seq bigint not null,
        stage text not null,
        stage_since bigint not null,
        deadline bigint,
        staff text,
        staff_name text,
        tier text,
        reason text,
        urgent bigint not null,
        need text,
        flow text,
        mood text not null,
        last_from text,
        last_text text,
        last_at bigint,
        draft text
    )",
        // The desks load every open conversation when the server starts.
        "create index conversation_open on conversation (stage) where stage <> 'closed'",
        // A customer who comes back goes on with the open conversation; the agent sees the earlier ones.
        "create index conversation_customer on conversation (customer, opened_at)",
        // The wall counts one day.
        "create index conversation_opened on conversation (opened_at)",
        "create table event (
        conversation text not null,
        seq bigint not null,
        at bigint not null,
        external_id text,
        body text not null,
        primary key (conversation, seq)
    )",
        // A message that a client sends twice is stored once.
        "create unique index event_external on event (conversation, external_id) where external_id is not null",
        "create table job (
        key text primary key,
        conversation text not null,
        body text not null,
        due_at bigint not null,
        attempts bigint not null,
        last_error text
    )",
        // The worker takes what is due, oldest first.
        "create index job_due on job (due_at)",
        "create table flow_use (
        conversation text not null,
        seq bigint not null,
        flow text not null,
        started_at bigint not null,
        ended text,
        primary key (conversation, seq)
    )",
        // The wall counts one day.
        "create index flow_use_started on flow_use (started_at)",
        "create table ticket (
        id text primary key,
        conversation text not null,
        customer text not null,
        need text,
        title text not null,
        department text not null,
        summary text not null,
        opened_at bigint not null,
        promised_by bigint not null,
        state text not null,
        note text,
        resolved_by text,
        resolved_at bigint
    )",
        // The list of open tickets is ordered by promise.
        "create index ticket_open on ticket (state, promised_by)",
        "create table staff (
        id text primary key,
        name text not null unique,
        display_name text not null,
        password_hash text not null,
        roles text not null
    )",
        "create table staff_session (
        token_hash text primary key,
        staff text not null,
        expires_at bigint not null
    )",
        "create table entry_version (
        id text not null,
        version bigint not null,
        at bigint not null,
        author text not null,
        body text,
        primary key (id, version)
    )",
        "create table entry_draft (
        id text primary key,
        at bigint not null,
        author text not null,
        body text not null
    )",
    ],
    &[
        // A conversation that is loaded takes up what is owed to it.
        "create index job_conversation on job (conversation)",
    ],
    &[
        "alter table conversation add column side text not null default '{}'",
        "create table label (
        draft text primary key,
        conversation text not null,
        kind text not null,
        need text not null,
        question text not null,
        proposed text not null,
        said text,
        reason text,
        confidence_percent bigint not null,
        staff text,
        edits bigint,
        proposed_at bigint not null,
        held_at bigint,
        settled_at bigint not null
    )",
        // Reports count a span of time.
        "create index label_settled on label (settled_at)",
        "create table reveal (
        at bigint not null,
        staff text not null,
        conversation text not null,
        customer text not null,
        field text not null,
        reason text not null
    )",
        // The audit of one customer, the latest first.
        "create index reveal_customer on reveal (customer, at)",
    ],
    &[
        // What people can do; who has no row counts as a newcomer of the pack.
        "create table staff_profile (
        staff text primary key,
        body text not null
    )",
        // Who served a customer last: the one to ask for when the customer returns.
        "create table acquaintance (
        customer text primary key,
        staff text not null,
        at bigint not null
    )",
        "create table queue_wait (
        conversation text not null,
        queued_at bigint not null,
        estimated_secs bigint,
        waited_secs bigint not null,
        ended text not null,
        primary key (conversation, queued_at)
    )",
        // The error of the estimates is reported by the day.
        "create index queue_wait_day on queue_wait (queued_at)",
    ],
    &[
        "create table inspection (
        conversation text primary key,
        version bigint not null,
        at bigint not null,
        score bigint not null,
        machine_score bigint not null,
        reason text,
        reviewer text,
        reviewed_at bigint,
        revision bigint not null,
        findings bigint not null,
        critical bigint not null,
        appeals bigint not null
    )",
        // The list is read by time.
        "create index inspection_at on inspection (at)",
        // The review queue, the worst first.
        "create index inspection_to_review on inspection (score, at) where reason is not null and reviewed_at is null",
        // Whoever decides on appeals sees those alone.
        "create index inspection_appealed on inspection (at) where appeals > 0",
        "create table inspection_share (
        conversation text not null,
        party text not null,
        staff text not null,
        score bigint not null,
        at bigint not null,
        primary key (conversation, party, staff)
    )",
        // People see their own.
        "create index inspection_share_staff on inspection_share (staff, at)",
        // Scores by speaker over the last days.
        "create index inspection_share_at on inspection_share (at)",
        "create table finding (
        id text primary key,
        conversation text not null,
        version bigint not null,
        rule text not null,
        severity text not null,
        weight bigint not null,
        seq bigint not null,
        quote text not null,
        why text not null,
        party text not null,
        staff text,
        source text not null,
        found_at bigint not null,
        verdict text not null,
        reviewer text,
        note text,
        appeal_until bigint not null,
        appeal_by text,
        appeal_reason text,
        appeal_at bigint,
        decision text,
        decided_by text,
        decided_at bigint,
        decision_note text
    )",
        // One inspection shows its findings.
        "create index finding_conversation on finding (conversation, seq)",
        // Coaching and agreement look back some days.
        "create index finding_found on finding (found_at)",
        "create table alarm (
        conversation text not null,
        rule text not null,
        seq bigint not null,
        at bigint not null,
        severity text not null,
        weight bigint not null,
        quote text not null,
        why text not null,
        party text not null,
        staff text,
        primary key (conversation, rule, seq)
    )",
        // Supervisors see the latest.
        "create index alarm_at on alarm (at)",
        "create table scorecard_version (
        version bigint primary key,
        at bigint not null,
        author text not null,
        note text not null,
        source text not null
    )",
        // A trial run takes the conversations that closed last.
        "create index conversation_closed on conversation (updated_at) where stage = 'closed'",
    ],
    &[
        // A ticket is its events; the row is what lists read of it.
        "create table ticket_event (
        ticket text not null,
        seq bigint not null,
        at bigint not null,
        external_id text,
        body text not null,
        primary key (ticket, seq)
    )",
        // An act that a client sends twice is done once.
        "create unique index ticket_event_external on ticket_event (ticket, external_id) where external_id is not null",
        "alter table ticket add column seq bigint not null default 0",
        "alter table ticket add column customer_id text",
        "alter table ticket add column assignee text",
        "alter table ticket add column due_at bigint",
        "alter table ticket add column body text",
        // Tickets of before this step get their first events when the store is opened.
        "create index ticket_without_events on ticket (seq) where seq = 0",
        // The customer's own list.
        "create index ticket_customer on ticket (customer_id, opened_at)",
        // Lists of open tickets are ordered by deadline.
        "create index ticket_due on ticket (state, due_at)",
        "create table ticket_news (
        ticket text not null,
        seq bigint not null,
        customer text not null,
        words text not null,
        primary key (ticket, seq)
    )",
        // What a customer has not been told yet.
        "create index ticket_news_customer on ticket_news (customer)",
    ],
    &[
        // What apps reported since the last checkpoint, in the order in which it was taken in.
        "create table behaviour_log (
        position bigint primary key,
        at bigint not null,
        records bigint not null,
        body bytea not null
    )",
        "create table behaviour_name (
        number bigint primary key,
        name text not null
    )",
        "create table visitor (
        number bigint primary key,
        customer text not null unique
    )",
        // The fold at the last checkpoint, in chunks.
        "create table behaviour_memory (
        chunk bigint primary key,
        position bigint not null,
        body bytea not null
    )",
        // What was reported before the last checkpoint, by day and class: columns, compressed.
        "create table behaviour_segment (
        day bigint not null,
        class text not null,
        part bigint not null,
        records bigint not null,
        body bytea not null,
        primary key (day, class, part)
    )",
        "create table break_point (
        visitor bigint not null,
        journey text not null,
        step text not null,
        kind text not null,
        since bigint not null,
        at bigint not null,
        code text,
        platform text not null,
        version text,
        primary key (visitor, journey, step, kind, since)
    )",
        // Tables and boards look at a span of time.
        "create index break_point_at on break_point (at)",
        "create table guidance_trigger (
        id text not null,
        version bigint not null,
        at bigint not null,
        author text not null,
        why text not null,
        body text not null,
        primary key (id, version)
    )",
        "create table exposure (
        id text primary key,
        trigger_id text not null,
        visitor bigint not null,
        at bigint not null,
        arm text not null,
        journey text not null,
        step text not null,
        kind text not null,
        body text not null,
        shown_at bigint,
        clicked_at bigint,
        dismissed_at bigint,
        contacted_at bigint,
        complained_at bigint,
        completed_at bigint
    )",
        // The effect of a trigger.
        "create index exposure_trigger on exposure (trigger_id, at)",
        // Frequency caps and outcomes look back some days.
        "create index exposure_at on exposure (at)",
        // What was truly wrong with whom, where somebody knows: simulated customers, observed sessions.
        "create table known_trouble (
        customer text not null,
        journey text not null,
        step text not null,
        since bigint not null,
        until bigint not null,
        primary key (customer, journey, step, since)
    )",
    ],
    &[
        // One row for each contact, ticket and break point; `label` is what a person said of it.
        "create table attribution (
        id text primary key,
        source text not null,
        at bigint not null,
        problem text not null,
        body text not null,
        label text,
        labelled_by text,
        labelled_at bigint
    )",
        // The board looks at some weeks.
        "create index attribution_at on attribution (at)",
        // The sweep goes on where it stopped.
        "create index attribution_source on attribution (source, at)",
        // What people taught.
        "create index attribution_label on attribution (labelled_at) where label is not null",
        "create table problem_case (
        id text primary key,
        problem text not null,
        owner text not null,
        state text not null,
        seq bigint not null
    )",
        "create table case_event (
        case_id text not null,
        seq bigint not null,
        at bigint not null,
        external_id text,
        body text not null,
        primary key (case_id, seq)
    )",
        // An act that a client sends twice is done once.
        "create unique index case_event_external on case_event (external_id) where external_id is not null",
        "create table proposal_decision (
        id text primary key,
        problem text not null,
        accepted bigint not null,
        decided_by text not null,
        at bigint not null,
        body text not null
    )",
        // The sweep takes tickets in the order in which they were opened.
        "create index ticket_opened on ticket (opened_at)",
    ],
    &[
        "create table test_question (
        id text primary key,
        text text not null,
        lang text not null,
        expect text,
        author text not null,
        at bigint not null
    )",
        // Every publication with what the test before it said; the audit of overridden ones.
        "create table publication (
        id text primary key,
        at bigint not null,
        author text not null,
        needs text not null,
        tested bigint not null,
        broken bigint not null,
        mended bigint not null,
        reason text
    )",
        // Publications are listed by time.
        "create index publication_at on publication (at)",
        "create table conflict_left (
        id text primary key,
        author text not null,
        at bigint not null
    )",
        // How many messages of a closed conversation were read, and how many of them without a need that was believed.
        "create table reading (
        conversation text primary key,
        day bigint not null,
        messages bigint not null,
        unsure bigint not null
    )",
        // The drift alarm compares weeks.
        "create index reading_day on reading (day)",
        "create table gap (
        conversation text not null,
        seq bigint not null,
        at bigint not null,
        lang text not null,
        words text not null,
        why text not null,
        guess text,
        answer text,
        group_id text not null,
        primary key (conversation, seq)
    )",
        // The inbox looks back some weeks.
        "create index gap_at on gap (at)",
        "create table gap_decision (
        group_id text primary key,
        decision text not null,
        messages bigint not null,
        author text not null,
        at bigint not null
    )",
        "create table lesson (
        id text primary key,
        conversation text not null,
        seq bigint not null,
        at bigint not null,
        lang text not null,
        words text not null,
        need text not null,
        verdict text not null,
        source text not null,
        answer text,
        accepted bigint,
        reviewed_need text,
        reviewer text,
        reviewed_at bigint
    )",
        // The review screen takes the oldest that wait.
        "create index lesson_to_review on lesson (at) where reviewed_at is null",
        // The next model learns what was accepted.
        "create index lesson_accepted on lesson (reviewed_at) where accepted = 1",
        "create table model_version (
        version bigint primary key,
        at bigint not null,
        author text not null,
        body text not null
    )",
        "create table model_act (
        place bigint primary key,
        at bigint not null,
        version bigint not null,
        act text not null,
        author text not null,
        note text not null
    )",
        "create table shadow_count (
        version bigint primary key,
        messages bigint not null,
        differences bigint not null
    )",
        "create table shadow_reading (
        version bigint not null,
        conversation text not null,
        seq bigint not null,
        at bigint not null,
        words text not null,
        live text,
        shadow text,
        primary key (version, conversation, seq)
    )",
        // The latest differences of one model.
        "create index shadow_reading_at on shadow_reading (version, at)",
    ],
];

/// Runs before everything else.
pub const META: &str = "create table if not exists meta (key text primary key, value text not null)";
