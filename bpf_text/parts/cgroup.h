/*
 * cgroup: the one that a request is charged to, also where the kernel writes back.
 * KERNFS_PARENT: the member of struct kernfs_node, parent before 6.15.
 */
struct cgroup_part {
	struct path_key key;
};

#ifndef __cplusplus
static inline void cgroup_at_issue(void *ctx, struct issued_t *issued, struct cgroup_part *part) {
	struct blkcg_gq *blkg = OF_BIO(issued, bi_blkg);
	struct blkcg *blkcg = 0;
	struct cgroup *cgroup = 0;
	struct kernfs_node *kn = 0;
	struct path_due_t *due;

	if (!blkg)
		return;
	READ(blkcg, blkg->blkcg);
	READ(cgroup, blkcg->css.cgroup);
	READ(kn, cgroup->kn);
	if (!kn)
		return;
	READ(part->key.number, kn->id);
	part->key.object = (u64)kn;
	due = path_due(issued, &part->key, PATH_OF_CGROUP);
	if (!due)
		return;
	due->flags = 0;
	due->parent_at = __builtin_offsetof(struct kernfs_node, KERNFS_PARENT);
	due->name_at = __builtin_offsetof(struct kernfs_node, name);
	due->no_root = 0;
	due->node = (char *)kn;
}
#endif
