/*
 * path: how the names that lead to a file or to a cgroup reach the tool. A request
 * carries only a key; a record of its own, sent when the key is new and again after a
 * second, tells its path. So what costs most is done once, and a file that is renamed
 * has its new name soon.
 */
struct path_key {
	unsigned long long object;	/* its address in the kernel; 0 for none */
	unsigned long long number;
	unsigned long long generation;	/* with the number: it is still the same one */
};

#define PATH_ROOM 512	/* once so many bytes of names are there, the rest is left out */

struct path_t {
	unsigned long long ts;	/* 0, which no completion has */
	struct path_key key;
	unsigned int flags;
	unsigned int size;	/* bytes of names that follow, each with a NUL, the last one first */
	char names[PATH_ROOM + 256];
};

/* What `flags` can hold. */
enum path_flag_t {
	PATH_FROM_ROOT = 1,	/* else names at its beginning are missing */
	PATH_DELETED = 2,
};

#ifndef __cplusplus
#define PATH_NAMES 24
#define PATH_FRESH_NS 1000000000

struct path_scratch_t {
	u64 busy;
	struct path_t path;
};
/* One that two CPUs write at a time may be mixed, and then is no key's. */
struct path_sent_t {
	struct path_key key;
	u64 at;
};
/* Of the keys that lead to one place, two are known. */
struct paths_sent_t {
	struct path_sent_t of[2];
};
#define PATH_BITS 13
BPF_PERCPU_ARRAY(path_scratch, struct path_scratch_t, 1);
BPF_ARRAY(paths_sent, struct paths_sent_t, 1 << PATH_BITS);

static inline int is_same_path(struct path_key *a, struct path_key *b) {
	return a->object == b->object && a->number == b->number && a->generation == b->generation;
}

/* Its own, or the older one of the two that there are. */
static inline struct path_sent_t *path_sent_at(struct path_key *key) {
	u32 place = (key->object >> 3) * 0x9e3779b97f4a7c15ULL >> (64 - PATH_BITS);
	struct paths_sent_t *both = paths_sent.lookup(&place);

	if (!both)
		return 0;
	if (is_same_path(&both->of[0].key, key))
		return &both->of[0];
	if (is_same_path(&both->of[1].key, key) || both->of[1].at < both->of[0].at)
		return &both->of[1];
	return &both->of[0];
}

static inline int path_is_due(struct path_key *key, u64 now) {
	struct path_sent_t *sent = path_sent_at(key);

	return !sent || !is_same_path(&sent->key, key) || now - sent->at > PATH_FRESH_NS;
}

/* One at a time on each CPU: an interrupt may issue requests too. */
static inline struct path_t *path_begin(struct path_key *key) {
	int zero = 0;
	struct path_scratch_t *scratch = path_scratch.lookup(&zero);

	if (!scratch || scratch->busy)
		return 0;
	scratch->busy = 1;
	scratch->path.ts = 0;
	scratch->path.key = *key;
	scratch->path.flags = 0;
	scratch->path.size = 0;
	return &scratch->path;
}

/* Adds a name; 0 if there is no room for more. */
static inline int path_add(struct path_t *path, const void *name) {
	u32 at = path->size;
	int length;

	if (at >= PATH_ROOM)
		return 0;
	length = bpf_probe_read_str(path->names + at, 256, name);
	if (length <= 1 || length > 256)
		return 0;
	path->size = at + length;
	return 1;
}

static inline void path_send(void *ctx, struct path_t *path, u64 now) {
	struct path_sent_t *sent = path_sent_at(&path->key);
	struct path_scratch_t *scratch;
	u64 size = path->size;	/* not of 32 bits, whose bound the verifier loses */
	int zero = 0, failed;

	asm volatile("" : "+r"(size));
	if (size > PATH_ROOM + 255)
		size = PATH_ROOM + 255;
	size += __builtin_offsetof(struct path_t, names);
#ifdef PERF_BUFFER
	failed = events.perf_submit(ctx, path, size);
#else
	/* Not reserved yet, so that it cannot be kept from waking the reader. */
	failed = events.ringbuf_output(path, size, record_flags(size) & BPF_RB_FORCE_WAKEUP);
#endif
	if (failed) {
		counts.increment(LOST_NAMES);
	} else if (sent) {
		sent->key = path->key;
		sent->at = now;
	}
	scratch = path_scratch.lookup(&zero);
	if (scratch)
		scratch->busy = 0;
}
#endif
