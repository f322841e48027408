/* cgroup: the path of the one that a request is charged to. */
struct cgroup_part {
	struct path_key key;
};

#ifndef __cplusplus
static inline void cgroup_at_issue(void *ctx, struct issued_t *issued, struct cgroup_part *part) {
	struct kernfs_node *kn = cgroup_node(issued);
	struct path_due_t *due;

	if (!kn)
		return;
	READ(part->key.number, kn->id);
	part->key.object = address_of(kn);
	due = path_due(issued, &part->key, PATH_OF_CGROUP);
	if (!due)
		return;
	due->flags = 0;
	due->parent_at = __builtin_offsetof(struct kernfs_node, KERNFS_PARENT);
	due->name_at = __builtin_offsetof(struct kernfs_node, name);
	due->no_root = 0;
	due->node = (char *)part->key.object;
}
#endif
