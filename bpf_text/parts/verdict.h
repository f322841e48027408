/*
 * verdict: whether what lies at an address of the kernel is one of those that were asked for,
 * found out once and believed for a while: what is freed there, and another thing made of it,
 * is not believed for longer. HAVE_JIFFIES: programs on tracepoints may call bpf_jiffies64
 * (since 5.9).
 */
#ifndef __cplusplus
#define VERDICT_BITS 6

/* One word, as an interrupt may come between two. */
struct verdict_t {
	u64 word;	/* the address, whose lowest bit is whether it is wanted; 0: none */
	u64 until;
};

#ifdef HAVE_JIFFIES
#define VERDICT_NOW() bpf_jiffies64()
#define VERDICT_LASTS 32	/* 32 to 320 ms */
#else
#define VERDICT_NOW() bpf_ktime_get_ns()
#define VERDICT_LASTS 100000000
#endif

/* Of this CPU. */
#define VERDICTS(name) BPF_PERCPU_ARRAY(name, struct verdict_t, 1 << VERDICT_BITS)
#define VERDICT_PLACE(of) ((u32)((of) * 0x9e3779b97f4a7c15ULL >> (64 - VERDICT_BITS)))

/* 1 or 0 as it was found, -1 if it has to be found out. */
static inline int verdict_on(struct verdict_t *verdict, u64 of) {
	u64 word = verdict ? *(volatile u64 *)&verdict->word : 0;

	if (!word || (word ^ of) >> 1 || (s64)(VERDICT_NOW() - verdict->until) >= 0)
		return -1;
	return word & 1;
}

static inline int keep_verdict(struct verdict_t *verdict, u64 of, int is_wanted) {
	if (verdict) {
		verdict->until = VERDICT_NOW() + VERDICT_LASTS;
		*(volatile u64 *)&verdict->word = of | is_wanted;
	}
	return is_wanted;
}
#endif
