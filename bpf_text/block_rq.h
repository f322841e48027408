/*
 * The records that block_rq.c and the tool share. This text goes before the
 * program's, and C++ includes it: only types that both have, with the same size
 * in both (LP64).
 */
#ifndef DISKSNOOP_BLOCK_RQ_H
#define DISKSNOOP_BLOCK_RQ_H

/* A completed request, as it goes through the buffer. */
struct event_t {
	unsigned long long ts;		/* completion: bpf_ktime_get_ns(), CLOCK_MONOTONIC */
	unsigned long long delta;	/* ns since the issue */
	unsigned int data_len;		/* bytes of the whole request, at its issue */
	unsigned int cmd_flags;
};

/* An issued request, under its address: in a slot or in the hash `start`. */
struct start_t {
	unsigned long long ts;
	unsigned int data_len;
	unsigned int cmd_flags;
	unsigned int done;	/* bytes completed so far, of a request completed in parts */
	unsigned int requeued;	/* 0 in flight, or GIVEN_BACK, or IS_A_BIO (block_bio.h) */
};

/* By the driver, since its issue. */
#define GIVEN_BACK 1

/* Slots for one place. First the requests of a place, then their entries. */
#define SLOTS_EACH 2

/* Why the request of a slot is not in flight: in the lowest bits of its address. */
enum slot_mark_t {
	BEING_PUT = 1,
	AT_REST = 2,	/* the slot is kept for it; it may be being put, too */
	TAKEN_BACK = 3,	/* from what was at rest, by the tool */
};

/* What is counted, in the array `counts`. */
enum count_t {
	LOST_IN_BUFFER,		/* completed, but the buffer was full */
	LOST_IN_MAP,		/* issued, but there was no room for it */
	NOT_ISSUED,		/* completed, allocated before the start, and no issue seen */
	ISSUE_UNKNOWN,		/* the same, but when it was allocated is not known */
	ISSUE_NOT_SHOWN,	/* completed, allocated after the start, but no issue seen */
	FAILED_UNISSUED,	/* failed before the driver got it */
	NOT_COMPLETED,		/* gone from its place, but its completion was not seen */
	WITHOUT_SLOT,		/* issued, and kept in the hash, as no slot was free */
	LOST_NAMES,		/* paths of files and cgroups that found no room in the buffer */
	LOST_SUBMITTERS,	/* of processes that were asked for: where they were kept is another's */
	FILTERED,		/* not asked for */
	WITHOUT_LINE,		/* of a summary, with no room for a line of their own */
	GATHERED,		/* bytes since this CPU last woke the reader */
	COUNTS
};

#endif
