/*
 * submitter: who made a request, which may be issued later by a kernel worker.
 *
 * block_getrq runs where a request is allocated, in the context of who submits, and
 * knows only its first bio. Who it was is kept in one of two slots under the bio's
 * address. A slot can be overwritten at any time, by two CPUs at once too: it is
 * believed only if it agrees with itself.
 */
struct submitter_part {
	unsigned int is_known;
	unsigned int pid;	/* thread group */
	char comm[16];
};

#ifndef __cplusplus
struct submitter_t {
	u64 bio;
	u64 check;
	u64 comm[2];
	u64 pid;
};
struct submitters_t {
	struct submitter_t of[2];
};
/* As many places as requests in flight have room (in_flight.h): not all wait for their issue. */
#define SUBMITTER_PLACES (START_ENTRIES > 32768 ? START_ENTRIES : 32768)
BPF_ARRAY(submitters, struct submitters_t, SUBMITTER_PLACES);

static inline struct submitters_t *submitters_at(u64 bio) {
	u32 place = (bio * 0x9e3779b97f4a7c15ULL >> 32) * SUBMITTER_PLACES >> 32;

	return submitters.lookup(&place);
}

static inline u64 sector_of(struct bio *bio) {
	u64 sector = 0;

	READ(sector, bio->bi_iter.bi_sector);
	return sector;
}

/* With the sector: what another bio left at its address is not believed. */
static inline u64 submitter_check(u64 bio, u64 sector, u64 pid, u64 *comm) {
	return bio ^ pid << 32 ^ comm[0] ^ comm[1] << 1 ^ sector * 0x9e3779b97f4a7c15ULL;
}

#ifdef PROCESS_FILTER
/* How many are kept; some may be counted that are gone. */
BPF_ARRAY(submitters_kept, u64, 1);

static inline void count_submitters(s64 more) {
	int zero = 0;
	u64 *kept = submitters_kept.lookup(&zero);

	if (kept)
		__sync_fetch_and_add(kept, more);
}

static inline int has_submitters(void) {
	int zero = 0;
	u64 *kept = submitters_kept.lookup(&zero);

	return !kept || *kept;
}

/* Whether the submitter of what is issued now can be one that was asked for. Of what nobody
 * submitted, as it has no bio, it is this process, which issues it. */
static inline int process_may_be_wanted(struct request *req) {
	struct bio *bio = 0;

	if (has_submitters())
		return 1;
	READ(bio, req->bio);
	return !bio && is_wanted_process();
}
#else
#define count_submitters(more)
#endif

static inline int submitted(u64 bio) {
	struct submitters_t *both;
	u64 pid = bpf_get_current_pid_tgid() >> 32, comm[2] = {};
	struct submitter_t *s;

#ifdef PROCESS_FILTER
	int is_wanted = is_wanted_process();

	if (!is_wanted && !has_submitters())
		return 0;
#endif
	both = submitters_at(bio);
	if (!both)
		return 0;
	s = &both->of[0];
	if (s->bio != bio && (both->of[1].bio == bio || (s->bio && !both->of[1].bio)))
		s = &both->of[1];
	/* Neither is its own or free: some are never taken out, so that it is not always the same. */
	else if (s->bio && s->bio != bio && bpf_get_prandom_u32() & 1)
		s = &both->of[1];
#ifdef PROCESS_FILTER
	if (!is_wanted) {
		if (s->bio == bio) {	/* another one's, that was here before it */
			s->bio = 0;
			count_submitters(-1);
		}
		return 0;
	}
	/* Also in place of another one, which may be taken out, and counted, right now. */
	count_submitters(1);
	if (s->bio && s->bio != bio)
		counts.increment(LOST_SUBMITTERS);
#endif
	current_comm(comm);
	s->bio = 0;
	s->pid = pid;
	s->comm[0] = comm[0];
	s->comm[1] = comm[1];
	s->check = submitter_check(bio, sector_of(AS(bio, bio)), pid, comm);
	s->bio = bio;
	return 0;
}

/* Takes it out: the bio's address may soon be another bio's. */
static inline int take_submitter(u64 bio, u64 sector, struct submitter_part *part) {
	struct submitters_t *both = submitters_at(bio);
	struct submitter_t *s;
	u64 check, *comm = (u64 *)part->comm;

	if (!both)
		return 0;
	s = &both->of[0];
	if (s->bio != bio)
		s = &both->of[1];
	if (s->bio != bio)
		return 0;
	part->pid = s->pid;
	comm[0] = s->comm[0];
	comm[1] = s->comm[1];
	check = s->check;
	s->bio = 0;
	count_submitters(-1);
	part->is_known = check == submitter_check(bio, sector, part->pid, comm);
	return part->is_known;
}

#ifdef BIOS
#define OF_A_BIO(issued) ((issued)->is_bio)
#else
#define OF_A_BIO(issued) 0
#endif

static inline void find_submitter(struct issued_t *issued, struct submitter_part *part) {
	struct bio *bio = OF_REQUEST(issued, bio), *tail = OF_REQUEST(issued, biotail);
	u64 sector;

	if (!bio || OF_A_BIO(issued)) {
		/* A flush, or a command: nobody else is known. A bio is queued by who submits it. */
		part->is_known = 1;
		part->pid = bpf_get_current_pid_tgid() >> 32;
		current_comm((u64 *)part->comm);
		return;
	}
	sector = OF_BIO(issued, bi_iter.bi_sector);
#pragma clang loop unroll(disable)
	for (int i = 0; i < 2; i++) {
		if (take_submitter(address_of(bio), sector, part) || tail == bio)
			return;
		/* Another bio was put before it. */
		bio = tail;
		sector = sector_of(bio);
	}
}

#ifdef PROCESS_FILTER
static inline int process_filter(void *ctx, struct issued_t *issued) {
	struct submitter_part *part = (struct submitter_part *)issued->submitter;

	*part = (struct submitter_part){};
	find_submitter(issued, part);
	if (!OF_REQUEST(issued, bio) || OF_A_BIO(issued))
		return is_wanted_process();
	return part->is_known;
}
#endif

#ifdef PROCESS_FILTER
/* Takes out the submitter of a request that is left out by what it is. */
static inline void leave_submitter_out(struct request *req) {
	struct submitters_t *both;
	struct bio *first = 0;
	u64 bio;

	if (!has_submitters())
		return;
	READ(first, req->bio);
	bio = address_of(first);
	both = bio ? submitters_at(bio) : 0;
	if (!both)
		return;
	for (int i = 0; i < 2; i++) {
		if (both->of[i].bio != bio)
			continue;
		both->of[i].bio = 0;
		count_submitters(-1);
	}
}
#endif

static inline void submitter_at_issue(void *ctx, struct issued_t *issued, struct submitter_part *part) {
#ifdef PROCESS_FILTER
	*part = *(struct submitter_part *)issued->submitter;
#else
	find_submitter(issued, part);
#endif
}

/* block_getrq(bio) */
int trace_getrq(struct bpf_raw_tracepoint_args *ctx) {
	return submitted(ctx->args[0]);
}

#ifndef ONLY_RQ
/* block_getrq(q, bio, rw), before 5.11 */
int trace_getrq_q(struct bpf_raw_tracepoint_args *ctx) {
	return submitted(ctx->args[1]);
}
#endif
#endif
