#include "app/declared_options.h"

namespace disksnoop {

std::vector<CompletedOption> DeclaredOptions::completed() const {
  std::vector<CompletedOption> completed;
  for (const CLI::Option* option : get_options()) {
    CompletedOption one;
    for (const std::string& name : option->get_snames()) one.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) one.names.push_back("--" + name);
    one.help = option->get_description();
    if (option->get_type_size() != 0) one.value = option->get_type_name();
    if (const auto found = words.find(option); found != words.end()) one.words = found->second;
    one.repeats = option->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    completed.push_back(std::move(one));
  }
  return completed;
}

}  // namespace disksnoop
