/*
 * charged: the cgroup to which a request is charged, also where the kernel writes back.
 * KERNFS_PARENT: the member of struct kernfs_node, parent before 6.15.
 */
#ifndef __cplusplus
static inline struct blkcg_gq *group_of(struct issued_t *issued) {
	return OF_REQUEST(issued, bio) ? OF_BIO(issued, bi_blkg) : 0;
}

static inline struct kernfs_node *cgroup_node(struct issued_t *issued) {
	struct blkcg_gq *blkg = group_of(issued);
	struct blkcg *blkcg = 0;
	struct cgroup *cgroup = 0;
	struct kernfs_node *kn = 0;

	if (!blkg)
		return 0;
	READ(blkcg, blkg->blkcg);
	READ(cgroup, blkcg->css.cgroup);
	READ(kn, cgroup->kn);
	return kn;
}
#endif
