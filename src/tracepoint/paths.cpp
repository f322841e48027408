#include "tracepoint/paths.h"

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace disksnoop {

std::string path_of(std::span<const std::byte> record) {
  path_t head = {};
  if (record.size() < offsetof(path_t, names)) return "";
  std::memcpy(&head, record.data(), offsetof(path_t, names));
  if (record.size() - offsetof(path_t, names) < head.size) return "";
  const auto* const text = reinterpret_cast<const char*>(record.data()) + offsetof(path_t, names);
  std::string_view names(text, head.size);

  std::vector<std::string_view> parts;  // the last one first
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find('\0'));
    parts.push_back(name);
    names.remove_prefix(std::min(name.size() + 1, names.size()));
  }
  const bool is_from_root = (head.flags & PATH_FROM_ROOT) != 0;
  if (parts.empty() && !is_from_root) return "";
  std::string path = is_from_root ? "" : "...";
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) (path += '/') += *part;
  if (parts.empty()) path += '/';
  if ((head.flags & PATH_DELETED) != 0) path += " (deleted)";
  return path;
}

std::size_t Paths::Hash::operator()(const path_key& key) const {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
  return ((key.object * kGolden) ^ key.number) * kGolden ^ key.generation;
}

bool Paths::Equal::operator()(const path_key& a, const path_key& b) const {
  return a.object == b.object && a.number == b.number && a.generation == b.generation;
}

void Paths::add(std::span<const std::byte> record) {
  path_key key = {};
  if (record.size() < offsetof(path_t, key) + sizeof(key)) return;
  std::memcpy(&key, record.data() + offsetof(path_t, key), sizeof(key));
  if (young_.size() >= kMost / 2) old_ = std::exchange(young_, {});
  young_.insert_or_assign(key, path_of(record));
}

std::string_view Paths::find(const path_key& key) {
  if (key.object == 0) return "";
  if (const auto found = young_.find(key); found != young_.end()) return found->second;
  const auto found = old_.find(key);
  if (found == old_.end()) return "";
  return young_.insert(old_.extract(found)).position->second;
}

}  // namespace disksnoop
