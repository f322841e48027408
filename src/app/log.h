// What the tool says on stderr: a line each, under its name. Names of files and
// processes in it are text of others: the one place where it is escaped.
#pragma once

#include <string_view>

namespace disksnoop {

class Log {
 public:
  explicit Log(bool verbose) : verbose_(verbose) {}

  bool verbose() const { return verbose_; }
  void error(std::string_view text) const;
  void warning(std::string_view text) const;
  /// What the user is told without asking, and that is nothing bad.
  void info(std::string_view text) const;
  /// Only with --verbose.
  void detail(std::string_view text) const;
  /// Text of others, of several lines; only with --verbose.
  void foreign_text(std::string_view text) const;

 private:
  bool verbose_;
};

}  // namespace disksnoop
