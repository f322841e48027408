/*
 * file: the one whose data a request reads or writes: that of its direct I/O (direct_io);
 * else by its first page, as one of the page cache belongs to a file.
 *
 * META_BIT, SWAP_BIT: of cmd_flags. LOCKED_BIT, WRITEBACK_BIT, SWAPCACHE_BIT,
 * SWAPBACKED_BIT: of a page's flags. PAGE_HEAD: the member of struct page that leads
 * to the first page of several, compound_head, or compound_info (7.1) with
 * HAVE_COMPOUND_INFO. DENTRY_ALIAS: the member of struct dentry in an inode's list.
 * BDEV_MOUNTED: the member of struct block_device that is set while it is mounted
 * itself, bd_super before 6.6.
 */
struct file_part {
	struct path_key key;	/* of FILE_PATH */
	unsigned long long kind;
};

enum file_kind_t {
	FILE_UNKNOWN,	/* or none: a raw device, a flush */
	FILE_PATH,
	FILE_METADATA,	/* of a filesystem */
	FILE_SWAP,
	FILE_JOURNAL,	/* of a filesystem; only by_file tells it from FILE_METADATA */
};

#ifndef __cplusplus
#define DISCONNECTED 0x20	/* DCACHE_DISCONNECTED */

static inline void file_path_due(struct path_due_t *due, struct dentry *dentry) {
	struct dentry *parent = 0;
	u64 hashed = 0;

	READ(hashed, dentry->d_hash.pprev);
	READ(parent, dentry->d_parent);
	due->flags = !hashed && parent != dentry ? PATH_DELETED : 0;
	due->parent_at = __builtin_offsetof(struct dentry, d_parent);
	due->name_at = __builtin_offsetof(struct dentry, d_name.name);
	/* One that was found by its handle (NFS) has no parent yet. */
	due->flags_at = __builtin_offsetof(struct dentry, d_flags);
	due->no_root = DISCONNECTED;
	due->node = (char *)dentry;
}

#define IS_BLOCK_DEVICE(mode) (((mode) & 0170000) == 0060000)

/* Whether a filesystem holds the block device to which this inode of its page cache
 * belongs; else it is used as it is. */
static inline int is_mounted(struct inode *inode) {
	struct bdev_inode *of = AS(bdev_inode, address_of(inode) -
					       __builtin_offsetof(struct bdev_inode, vfs_inode));
	u64 holder = 0;

	/* Not bd_holder, which a whole disk has too while a partition is mounted. */
	READ(holder, of->bdev.BDEV_MOUNTED);
	return holder != 0;
}

static inline void file_of_inode(struct issued_t *issued, struct inode *inode, struct file_part *part) {
	struct hlist_node *first = 0;
	struct path_key key = {address_of(inode)};
	struct path_due_t *due;
	u32 generation = 0;

	READ(key.number, inode->i_ino);
	READ(generation, inode->i_generation);
	key.generation = generation;
	due = path_due(issued, &key, PATH_OF_FILE);
	if (due) {
		READ(first, inode->i_dentry.first);
		if (!first)
			return;	/* btrfs keeps its metadata in an inode of its own */
		file_path_due(due, AS(dentry, address_of(first) -
					      __builtin_offsetof(struct dentry, DENTRY_ALIAS)));
	}
	part->kind = FILE_PATH;
	part->key = key;
}

/* What is needed of a page lies at its beginning, and is read at once where each read costs. */
struct page_t {
#ifdef TYPED
	struct page *page;
#define OF_PAGE(from, member) TYPED_LOAD((from)->page->member)
#else
	char bytes[__builtin_offsetof(struct page, mapping) + 8] __attribute__((aligned(8)));
#define OF_PAGE(from, member) MEMBER((from)->bytes, struct page, member, 0)
#endif
};

static inline void read_one_page(struct page_t *to, struct page *page) {
#ifdef TYPED
	to->page = page;
#else
	READ(to->bytes, *page);
#endif
}

/* Reads a page, or the first one of those that are one in the page cache. */
static inline void read_page(struct page_t *to, struct page *page) {
	unsigned long head;

	read_one_page(to, page);
	head = address_of((void *)OF_PAGE(to, PAGE_HEAD));
	if (!(head & 1))
		return;
	head &= ~1UL;
#ifdef HAVE_COMPOUND_INFO
	if (!(sizeof(struct page) & (sizeof(struct page) - 1)))
		head &= address_of(page);
#endif
	read_one_page(to, AS(page, head));
}

/* The inode to whose page cache the first page belongs. */
static inline struct inode *inode_of_page(struct issued_t *issued, struct file_part *part) {
	u64 vecs = address_of(OF_BIO(issued, bi_io_vec));
	struct bio_vec *vec;
	u32 index = OF_BIO(issued, bi_iter.bi_idx), is_write = OF_REQUEST(issued, cmd_flags) & 1;
	struct page *page = 0;
	struct page_t first = {};
	struct address_space *mapping;
	struct inode *inode = 0;
	u64 flags;

	if (!vecs)
		return 0;
	vec = AS(bio_vec, vecs + index * sizeof(*vec));
	READ(page, vec->bv_page);
	if (!page)
		return 0;
	read_page(&first, page);
	mapping = OF_PAGE(&first, mapping);
	flags = *(const volatile u64 *)&OF_PAGE(&first, flags);
	if (!mapping && flags >> SWAPCACHE_BIT & flags >> SWAPBACKED_BIT & 1)
		part->kind = FILE_SWAP;
	if (!mapping || address_of(mapping) & 3)
		return 0;
	READ(inode, mapping->host);
	if (IS_BLOCK_DEVICE(mode_of(inode))) {
		if (is_mounted(inode))
			part->kind = FILE_METADATA;
		return 0;
	}
	/* The kernel holds a page of the page cache while its data comes or goes. One that
	 * is only the buffer of somebody's direct I/O it does not. */
	return flags >> (is_write ? WRITEBACK_BIT : LOCKED_BIT) & 1 ? inode : 0;
}

static inline void file_at_issue(void *ctx, struct issued_t *issued, struct file_part *part) {
	u32 cmd_flags = OF_REQUEST(issued, cmd_flags);
	struct inode *inode;

	if (!OF_REQUEST(issued, bio))
		return;
	if (cmd_flags & 1U << SWAP_BIT) {
		part->kind = FILE_SWAP;
		return;
	}
	/* First: a loop disk with direct I/O hands on pages of its own filesystem's files. */
	inode = inode_of_bio(issued);
	if (!inode)
		inode = inode_of_page(issued, part);
	if (inode)
		file_of_inode(issued, inode, part);
	if (part->kind == FILE_UNKNOWN && cmd_flags & 1U << META_BIT)
		part->kind = FILE_METADATA;
}
#endif
