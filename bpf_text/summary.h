/*
 * summary: completed requests, counted in lines; none of them leaves the kernel. What a line
 * stands for is its key, a hash has the number of each, and each CPU has lines of its own, but
 * on large machines, where some share theirs.
 * There are two sets of them: while programs count in one, the tool takes the other one
 * out, and so has each request once, whatever the programs do meanwhile.
 *
 * What joins the parts gives struct line_key_t, and AT_KEY(req, entry, key). Set by the loader:
 * LINES and CPUS.
 */
#ifdef __cplusplus
#include "buckets.h"
#endif

struct line_t {
	unsigned long long requests;
	unsigned long long bytes;
	unsigned long long errors;
	unsigned long long latency_ns;	/* of all together */
	unsigned long long longest_ns;
	unsigned long long queue_ns;
	unsigned long long longest_queue_ns;
	unsigned long long unused;
	unsigned int latency[BUCKETS];
	unsigned int queue[BUCKETS];	/* of those whose queue time is known */
};

/* The line of those for whose own there is no room. */
#define OTHER_LINE 0
#define LINE_SETS 2

#ifndef __cplusplus
BPF_HASH(numbers, struct line_key_t, u32, LINES);
BPF_QUEUE(free_numbers, u32, LINES);
BPF_F_TABLE("array", u32, struct line_key_t, keys, LINES, BPF_F_MMAPABLE);
BPF_F_TABLE("array", u32, struct line_t, lines, LINE_SETS * CPUS * LINES, BPF_F_MMAPABLE);
/* In which set is counted: that of this number's last bit. */
BPF_F_TABLE("array", u32, u64, readings, 1, BPF_F_MMAPABLE);

/* Where a key is looked for before the hash, which takes 50 ns: the number that was found
 * last. A key has one place, and many have the same. */
#define RECENT_BITS 8
BPF_F_TABLE("array", u32, u32, recent, 1 << RECENT_BITS, BPF_F_MMAPABLE);
#define KEY_WORDS (sizeof(struct line_key_t) / sizeof(u64))

static inline u32 recent_place(struct line_key_t *key) {
	u64 *words = (u64 *)key, mixed = 0;

#pragma unroll
	for (int i = 0; i < KEY_WORDS; i++)
		mixed ^= words[i] * (0x9e3779b97f4a7c15ULL + 2 * i);
	return mixed * 0x9e3779b97f4a7c15ULL >> (64 - RECENT_BITS);
}

static inline int has_number(struct line_key_t *key, u32 number) {
	struct line_key_t *place = keys.lookup(&number);
	u64 *words = (u64 *)key, *there = (u64 *)place, different = 0;

	if (!place || number == OTHER_LINE)
		return 0;
#pragma unroll
	for (int i = 0; i < KEY_WORDS; i++)
		different |= words[i] ^ there[i];
	return !different;
}

/* The number that a key gets; OTHER_LINE if there is none left. */
static inline u32 new_number(struct line_key_t *key) {
	struct line_key_t *place;
	u32 number = OTHER_LINE, *found;

	if (free_numbers.pop(&number))
		return OTHER_LINE;
	place = keys.lookup(&number);
	if (place)
		*place = *key;
	if (!numbers.insert(key, &number))
		return number;
	/* Another CPU was first, or the hash is busy. */
	free_numbers.push(&number, BPF_ANY);
	found = numbers.lookup(key);
	return found ? *found : OTHER_LINE;
}

static inline u32 line_of(struct line_key_t *key) {
	u32 place = recent_place(key), number, *last = recent.lookup(&place), *found;

	number = last ? *(volatile u32 *)last : OTHER_LINE;
	if (has_number(key, number))
		return number;
	found = numbers.lookup(key);
	number = found ? *found : new_number(key);
	if (last)
		*last = number;
	return number;
}

/* Another may count in between, and the tool takes out what is there: by steps that
 * nothing comes between nothing is lost. Kernels without a compare-and-exchange (before 5.12)
 * can lose the longest of two that meet so. */
static inline void raise(u64 *longest, u64 ns) {
#ifdef COMPARE_AND_EXCHANGE
#pragma unroll
	for (int i = 0; i < 3; i++) {
		u64 seen = *(volatile u64 *)longest;

		if (ns <= seen || __sync_val_compare_and_swap(longest, seen, ns) == seen)
			return;
	}
#else
	if (ns > *longest)
		*longest = ns;
#endif
}

static inline void count_time(u32 *buckets, u64 ns) {
	u64 bucket = bucket_of_ns(ns);	/* not of 32 bits, whose bound the verifier loses */

	asm volatile("" : "+r"(bucket));
	if (bucket < BUCKETS)
		__sync_fetch_and_add(&buckets[bucket], 1);
}

static inline void count_request(struct request *req, int error, struct entry_t *entry, u64 ns) {
	struct line_key_t key = {};
	u32 at, zero = 0, cpu = bpf_get_smp_processor_id();
	u64 issued = entry->start.ts, allocated = entry->queue.allocated_ns, *reading;
	struct line_t *line;

	AT_KEY(req, entry, &key);
	at = line_of(&key);
	if (at == OTHER_LINE)
		counts.increment(WITHOUT_LINE);
	reading = readings.lookup(&zero);
	if (!reading)
		return;
	at += ((*reading % LINE_SETS) * CPUS + cpu % CPUS) * LINES;
	line = lines.lookup(&at);
	if (!line)
		return;
	__sync_fetch_and_add(&line->requests, 1);
	__sync_fetch_and_add(&line->bytes, entry->start.data_len);
	if (error)
		__sync_fetch_and_add(&line->errors, 1);
	__sync_fetch_and_add(&line->latency_ns, ns);
	raise(&line->longest_ns, ns);
	count_time(line->latency, ns);
	if (!allocated || allocated > issued)
		return;
	__sync_fetch_and_add(&line->queue_ns, issued - allocated);
	raise(&line->longest_queue_ns, issued - allocated);
	count_time(line->queue, issued - allocated);
}
#endif
