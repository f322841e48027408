/* by_cgroup: a line of a summary stands for the cgroup that is charged. As cgroup_part. */
struct by_cgroup_part {
	struct path_key key;
};

#ifndef __cplusplus
static inline void by_cgroup_key(struct request *req, struct entry_t *entry,
				 struct by_cgroup_part *key) {
	key->key = entry->cgroup.key;
}
#endif
