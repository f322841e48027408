/*
 * cgroup_filter: whether a request is charged to a cgroup that was asked for, or to one
 * below such a one.
 */
#ifndef __cplusplus
#define CGROUP_LEVELS 32

/* Those that were asked for, by the number of their kernfs_node, which is their inode's. */
BPF_HASH(cgroups, u64, u8, 1024);
VERDICTS(cgroup_verdicts);

static inline int is_below_cgroup(struct kernfs_node *kn) {
	u64 id;

#pragma clang loop unroll(disable)
	for (int i = 0; i < CGROUP_LEVELS && kn; i++) {
		id = 0;
		READ(id, kn->id);
		if (cgroups.lookup(&id))
			return 1;
		READ(kn, kn->KERNFS_PARENT);
	}
	return 0;
}

/* What charges requests of one disk to one cgroup is one struct blkcg_gq. */
static inline int cgroup_filter(void *ctx, struct issued_t *issued) {
	u64 of = address_of(group_of(issued));
	u32 place = VERDICT_PLACE(of);
	struct verdict_t *verdict = cgroup_verdicts.lookup(&place);
	int known = verdict_on(verdict, of);

	if (known >= 0)
		return known;
	return keep_verdict(verdict, of, is_below_cgroup(cgroup_node(issued)));
}
#endif
