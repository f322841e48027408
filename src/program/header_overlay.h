// How clang is told to take headers from where they are, and from nowhere else.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace disksnoop {

/// Path below the tree's root -> path of the file that has its content.
using HeaderPaths = std::map<std::string, std::string>;

/// A description of these files for clang's option -ivfsoverlay, as they lie in
/// a tree of its own; what it does not name is not there (clang's
/// RedirectingFileSystem, LLVM 14 to 19: llvm/Support/VirtualFileSystem.h).
/// Names and paths hold nothing that JSON would need escaped.
std::string make_header_overlay(const HeaderPaths& paths);

/// The options with which clang compiles in that tree, whatever its working
/// directory is; `overlay` is the path of the description.
std::vector<std::string> header_overlay_flags(const std::string& overlay);

}  // namespace disksnoop
