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

/* The two paths that a request can have. */
enum path_end_t { PATH_OF_FILE, PATH_OF_CGROUP, PATH_ENDS };

/* One whose names are to be sent: where it ends, and which members of what lies there
 * (struct dentry, struct kernfs_node) lead on. */
struct path_due_t {
	char *node;	/* 0: none */
	struct path_key key;
	u32 flags;
	u32 parent_at;
	u32 name_at;
	u32 flags_at;
	u32 no_root;	/* the flag of what has no parent, but should; 0: there is none */
};
struct path_work_t {
	u64 busy;
	struct path_due_t due[PATH_ENDS];
	struct path_t path;
};
struct path_sent_t {
	u64 check;	/* of its key */
	u64 at;
};
/* Of the keys that lead to one place, two are known. */
struct paths_sent_t {
	struct path_sent_t of[2];
};
#define PATH_BITS 13
BPF_PERCPU_ARRAY(path_work, struct path_work_t, 1);
BPF_ARRAY(paths_sent, struct paths_sent_t, 1 << PATH_BITS);

static inline u64 path_check(struct path_key *key) {
	return (key->object ^ key->number << 20 ^ key->generation << 40) * 0x9e3779b97f4a7c15ULL +
	       key->number;
}

/* Its own, or the older one of the two that there are. */
static inline struct path_sent_t *path_sent_at(struct path_key *key, u64 check) {
	u32 place = (key->object >> 3) * 0x9e3779b97f4a7c15ULL >> (64 - PATH_BITS);
	struct paths_sent_t *both = paths_sent.lookup(&place);

	if (!both || both->of[0].check == check)
		return both ? &both->of[0] : 0;
	if (both->of[1].check == check || both->of[1].at < both->of[0].at)
		return &both->of[1];
	return &both->of[0];
}

/*
 * Where to put the end of a path whose names are due, to be sent by path_after_issue(); 0 if
 * they are not. One request at a time on each CPU has them sent: an interrupt may issue
 * requests too.
 */
static inline struct path_due_t *path_due(struct issued_t *issued, struct path_key *key, int which) {
	u64 check = path_check(key);
	struct path_sent_t *sent = path_sent_at(key, check);
	struct path_work_t *work;
	int zero = 0;

	if (!sent || (sent->check == check && bpf_ktime_get_ns() - sent->at < PATH_FRESH_NS))
		return 0;
	work = path_work.lookup(&zero);
	if (!work || (work->busy && work->busy != issued->address))
		return 0;
	work->busy = issued->address;
	work->due[which].key = *key;
	return &work->due[which];
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

static inline void path_walk(struct path_t *path, struct path_due_t *due) {
	char *node = due->node, *parent;
	const char *name;
	u32 flags;

#pragma clang loop unroll(disable)
	for (int i = 0; i < PATH_NAMES; i++) {
		parent = 0;
		name = 0;
		flags = 0;
		PROBE(parent, *(char **)(node + due->parent_at));
		if (!parent || parent == node) {
			if (due->no_root)
				PROBE(flags, *(u32 *)(node + due->flags_at));
			if (!(flags & due->no_root))
				path->flags |= PATH_FROM_ROOT;
			return;
		}
		PROBE(name, *(char **)(node + due->name_at));
		if (!path_add(path, name))
			return;
		node = parent;
	}
}

static inline void path_send(void *ctx, struct path_t *path) {
	u64 check = path_check(&path->key);
	struct path_sent_t *sent = path_sent_at(&path->key, check);
	u64 size = path->size;	/* not of 32 bits, whose bound the verifier loses */
	int failed;

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
		sent->check = check;
		sent->at = bpf_ktime_get_ns();
	}
}

/* Sends those of this request that are due. */
static inline void path_after_issue(void *ctx, struct issued_t *issued) {
	int zero = 0;
	struct path_work_t *work = path_work.lookup(&zero);

	if (!work || work->busy != issued->address)
		return;
#pragma clang loop unroll(disable)
	for (int i = 0; i < PATH_ENDS; i++) {
		struct path_due_t *due = &work->due[i];

		if (!due->node)
			continue;
		work->path.ts = 0;
		work->path.key = due->key;
		work->path.flags = due->flags;
		work->path.size = 0;
		path_walk(&work->path, due);
		path_send(ctx, &work->path);
		due->node = 0;
	}
	work->busy = 0;
}
#endif
