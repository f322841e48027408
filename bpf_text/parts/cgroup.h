/*
 * cgroup: the one that a request is charged to, also where the kernel writes back.
 * KERNFS_PARENT: the member of struct kernfs_node, parent before 6.15.
 */
struct cgroup_part {
	struct path_key key;
};

#ifndef __cplusplus
static inline void cgroup_send_path(void *ctx, struct kernfs_node *kn, struct path_key *key, u64 now) {
	struct path_t *path = path_begin(key);
	struct kernfs_node *parent;
	const char *name;

	if (!path)
		return;
#pragma clang loop unroll(disable)
	for (int i = 0; i < PATH_NAMES; i++) {
		parent = 0;
		name = 0;
		READ(parent, kn->KERNFS_PARENT);
		if (!parent) {
			path->flags |= PATH_FROM_ROOT;
			break;
		}
		READ(name, kn->name);
		if (!path_add(path, name))
			break;
		kn = parent;
	}
	path_send(ctx, path, now);
}

static inline void cgroup_at_issue(void *ctx, struct issued_t *issued, struct cgroup_part *part) {
	struct blkcg_gq *blkg = OF_BIO(issued, bi_blkg);
	struct blkcg *blkcg = 0;
	struct cgroup *cgroup = 0;
	struct kernfs_node *kn = 0;
	u64 now;

	if (!blkg)
		return;
	READ(blkcg, blkg->blkcg);
	READ(cgroup, blkcg->css.cgroup);
	READ(kn, cgroup->kn);
	if (!kn)
		return;
	READ(part->key.number, kn->id);
	part->key.object = (u64)kn;
	now = bpf_ktime_get_ns();
	if (path_is_due(&part->key, now))
		cgroup_send_path(ctx, kn, &part->key, now);
}
#endif
