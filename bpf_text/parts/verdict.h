/*
 * verdict: whether what lies at an address of the kernel is one of those that were asked for,
 * found out once and believed for a while: what is freed there, and another thing made of it,
 * is not believed for longer. HAVE_JIFFIES: the kernel has bpf_jiffies64 (5.5).
 */
#ifndef __cplusplus
#define VERDICT_BITS 6

struct verdict_t {
	u64 of;		/* 0: none */
	u64 until;
	u64 is_wanted;
};

#ifdef HAVE_JIFFIES
#define VERDICT_NOW() bpf_jiffies64()
#define VERDICT_LASTS 32	/* 32 to 320 ms */
#else
#define VERDICT_NOW() bpf_ktime_get_ns()
#define VERDICT_LASTS 100000000
#endif

/* Of this CPU. An interrupt may write too: an address is there after all else is. */
#define VERDICTS(name) BPF_PERCPU_ARRAY(name, struct verdict_t, 1 << VERDICT_BITS)
#define VERDICT_PLACE(of) ((u32)((u64)(of) * 0x9e3779b97f4a7c15ULL >> (64 - VERDICT_BITS)))

/* 1 or 0 as it was found, -1 if it has to be found out. */
static inline int verdict_on(struct verdict_t *verdict, void *of) {
	if (!verdict || verdict->of != (u64)of || (s64)(VERDICT_NOW() - verdict->until) >= 0)
		return -1;
	return verdict->is_wanted;
}

static inline int keep_verdict(struct verdict_t *verdict, void *of, int is_wanted) {
	if (verdict) {
		verdict->of = 0;
		asm volatile("" ::: "memory");
		verdict->until = VERDICT_NOW() + VERDICT_LASTS;
		verdict->is_wanted = is_wanted;
		asm volatile("" ::: "memory");
		verdict->of = (u64)of;
	}
	return is_wanted;
}
#endif
