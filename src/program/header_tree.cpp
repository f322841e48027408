#include "program/header_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/text.h"

namespace disksnoop {
namespace {

constexpr std::string_view kTypesHeader = "disksnoop_types.h";

// The plain names that libbcc's bpf.h and helpers.h use; BTF declares the same
// names again with the same meaning, which C11 allows.
constexpr std::string_view kPlainTypes = R"(#pragma once
typedef signed char __s8;
typedef unsigned char __u8;
typedef short int __s16;
typedef short unsigned int __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long int __s64;
typedef long long unsigned int __u64;
typedef __s8 s8;
typedef __u8 u8;
typedef __s16 s16;
typedef __u16 u16;
typedef __s32 s32;
typedef __u32 u32;
typedef __s64 s64;
typedef __u64 u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u64 __aligned_u64 __attribute__((aligned(8)));
typedef __u32 __wsum;
typedef _Bool bool;
typedef long unsigned int size_t;
typedef long unsigned int uintptr_t;
#define NULL ((void *)0)
)";

bool is_name(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The program without its comments and string literals, in which words are
/// not code.
std::string code_of(std::string_view program) {
  std::string code;
  for (std::size_t i = 0; i < program.size();) {
    const std::string_view rest = program.substr(i);
    std::size_t skip = 0;
    if (rest.starts_with("//")) {
      skip = rest.find('\n');
    } else if (rest.starts_with("/*")) {
      skip = rest.find("*/", 2);
      if (skip != std::string_view::npos) skip += 2;
    } else if (rest.front() == '"') {
      skip = 1;
      while (skip < rest.size() && rest[skip] != '"') skip += rest[skip] == '\\' ? 2U : 1U;
      ++skip;
    }
    if (skip == 0) {
      code.push_back(rest.front());
      ++i;
    } else {
      code.push_back(' ');
      i += std::min(skip, rest.size());
    }
  }
  return code;
}

std::vector<std::string_view> split_words(std::string_view code) {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < code.size();) {
    std::size_t length = 1;
    if (is_name(code[i])) {
      while (i + length < code.size() && is_name(code[i + length])) ++length;
    }
    if (!is_ascii_space(code[i])) words.push_back(code.substr(i, length));
    i += length;
  }
  return words;
}

std::vector<std::string> structs_of(const std::vector<std::string_view>& words) {
  std::set<std::string_view> named;
  std::set<std::string_view> defined;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != "struct" || !is_name(words[i + 1].front())) continue;
    named.insert(words[i + 1]);
    if (i + 2 < words.size() && words[i + 2] == "{") defined.insert(words[i + 1]);
  }
  std::vector<std::string> needed;
  for (const std::string_view name : named) {
    // Those of the uapi's linux/bpf.h come with libbcc.
    if (!defined.contains(name) && !name.starts_with("bpf_")) needed.emplace_back(name);
  }
  return needed;
}

std::vector<std::string> includes_of(std::string_view code) {
  constexpr std::string_view kInclude = "#include <";
  std::vector<std::string> includes;
  for (std::size_t at = 0; (at = code.find(kInclude, at)) != std::string_view::npos;) {
    at += kInclude.size();
    includes.emplace_back(code.substr(at, code.find('>', at) - at));
  }
  return includes;
}

}  // namespace

ProgramNeeds needs_of(std::string_view program) {
  const std::string code = code_of(program);
  return {includes_of(code), structs_of(split_words(code))};
}

HeaderTree make_header_tree(const ProgramNeeds& needs, std::string_view types,
                            const MachineFacts& machine) {
  HeaderTree tree;
  const auto add = [&tree](std::string_view name, std::string content) {
    tree.insert_or_assign("include/" + std::string(name), std::move(content));
  };
  for (const std::string& name : needs.includes) {
    add(name, fmt::format("#include <{}>\n", kTypesHeader));
  }
  add(kTypesHeader, fmt::format("#pragma once\n#include <linux/types.h>\n{}", types));
  add("linux/types.h", std::string(kPlainTypes));
  add("linux/kconfig.h", "#define CONFIG_BPF_SYSCALL 1\n");
  add("linux/version.h",
      fmt::format("#define LINUX_VERSION_CODE {}\n"
                  "#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))\n",
                  machine.kernel_version));
  add("linux/log2.h", "");
  add("linux/bpf_common.h", "");
  add("asm/page.h", fmt::format("#define PAGE_SIZE {}UL\n", machine.page_size));
  add("uapi/linux/bpf.h", "#include <linux/types.h>\n");
  add("uapi/linux/if_packet.h", "");
  return tree;
}

std::uint32_t kernel_version_code(std::string_view release) {
  std::array<std::uint32_t, 3> parts = {};
  const char* at = release.data();
  const char* const end = at + release.size();
  for (std::uint32_t& part : parts) {
    const auto [next, error] = std::from_chars(at, end, part);
    if (error != std::errc()) break;
    at = next;
    if (at == end || *at != '.') break;
    ++at;
  }
  // The third part has one byte; the kernel itself stops at 255 (since 4.4.256).
  return (parts[0] << 16) + (parts[1] << 8) + std::min(parts[2], std::uint32_t{255});
}

}  // namespace disksnoop
