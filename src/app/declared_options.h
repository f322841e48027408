// How the options are declared: by CLI11, each with what reads its value, and what a shell can
// complete it by.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/completion.h"

namespace disksnoop {

/// The options as they are declared.
class DeclaredOptions : public CLI::App {
 public:
  using CLI::App::App;

  /// What the values of options can be, or lists can have.
  std::map<const CLI::Option*, std::vector<std::string>> words = {};

  std::vector<CompletedOption> completed() const;
};

/// The names of an option's values, the default first.
template <class Value>
using Names = std::vector<std::pair<std::string, Value>>;

/// "auto|original", for the help.
template <class Value>
std::string names_of(const Names<Value>& values) {
  std::string names;
  for (const auto& [name, value] : values) names += (names.empty() ? "" : "|") + name;
  return names;
}

/// Reads one of the names in `values`.
template <class Value>
auto one_of(const Names<Value>& values) {
  return [&values](const std::string& name) {
    const auto found = std::find_if(values.begin(), values.end(),
                                    [&name](const auto& value) { return value.first == name; });
    return found == values.end() ? std::nullopt : std::optional<Value>(found->second);
  };
}

/// An option whose value `parse` reads, both to check and to convert it: CLI11
/// reads numbers in its own way. `wrong` says what a value is that cannot be read.
template <class Target, class Parse>
CLI::Option* add_value(DeclaredOptions& app, const std::string& names, Target& target, Parse parse,
                       const std::string& wrong, const std::string& type, const std::string& help) {
  return app
      .add_option_function<std::string>(
          names, [&target, parse](const std::string& text) { target = *parse(text); }, help)
      ->check(CLI::Validator(
          [parse, wrong](const std::string& text) {
            return parse(text) ? "" : fmt::format("'{}' is {}", text, wrong);
          },
          ""))
      ->type_name(type);
}

/// An option that may come again and again, whose values `parse` reads each: a Result, or
/// an optional and `wrong`.
template <class Value, class Parse>
CLI::Option* add_values(DeclaredOptions& app, const std::string& names, std::vector<Value>& target,
                        Parse parse, const std::string& type, const std::string& help) {
  return app
      .add_option_function<std::vector<std::string>>(
          names,
          [&target, parse](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) target.push_back(*parse(text));
          },
          help)
      ->check(CLI::Validator(
          [parse](const std::string& text) {
            const auto value = parse(text);
            return value ? "" : value.error().message;
          },
          ""))
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name(type);
}

/// An option whose value is one of the names in `values`.
template <class Value>
void add_choice(DeclaredOptions& app, const std::string& names, Value& target,
                const Names<Value>& values, const std::string& help) {
  CLI::Option* const option = add_value(app, names, target, one_of(values),
                                        "none of " + names_of(values), names_of(values), help);
  for (const auto& [name, value] : values) app.words[option].push_back(name);
}

/// An option whose value `parse` reads as a Result.
template <class Target, class Parse>
CLI::Option* add_parsed(DeclaredOptions& app, const std::string& names, Target& target, Parse parse,
                        const std::string& type, const std::string& help) {
  return app
      .add_option_function<std::string>(
          names, [&target, parse](const std::string& text) { target = *parse(text); }, help)
      ->check(CLI::Validator(
          [parse](const std::string& text) {
            const auto value = parse(text);
            return value ? "" : value.error().message;
          },
          ""))
      ->type_name(type);
}

/// An option whose value `parse` reads as a Result: some of `words`, separated by commas.
template <class Target, class Parse>
void add_list(DeclaredOptions& app, const std::string& names, Target& target, Parse parse,
              const std::vector<std::string_view>& words, const std::string& help) {
  const CLI::Option* const option = add_parsed(app, names, target, parse, "LIST", help);
  app.words[option].assign(words.begin(), words.end());
}

}  // namespace disksnoop
