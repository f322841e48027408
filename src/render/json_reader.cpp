#include "render/json_reader.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "render/clock_text.h"
#include "render/json_text.h"
#include "render/json_writer.h"

namespace disksnoop {
namespace {

// They are told in a line.
constexpr std::size_t kMostOtherKeys = 5;
constexpr std::size_t kMostOfAKey = 40;

const Column* column_of_key(std::string_view key) {
  const Columns& all = all_columns();
  const auto found = std::ranges::find(all, key, &Column::key);
  return found == all.end() ? nullptr : *found;
}

/// False if it is no value of the column.
bool put(Request& request, const Column& column, const Value& value) {
  if (column.set(request, value)) return true;
  // A moment is text in JSON.
  const auto* text = std::get_if<std::string_view>(&value);
  const auto moment = text != nullptr ? parse_clock(*text) : std::nullopt;
  return moment && column.set(request, *moment);
}

/// Takes an integer from the beginning of `text`.
template <class Integer>
bool take_integer(std::string_view& text, Value& value) {
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value.emplace<Integer>());
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc();
}

/// Takes a value from the beginning of `text`. False if it is not there, or in a form
/// that not even JsonWriter writes, or with escapes.
bool take_plain_value(std::string_view& text, Value& value) {
  constexpr std::string_view kNull = "null";
  if (text.starts_with('"')) {
    const std::size_t length = plain_json_length(text.substr(1));
    value.emplace<std::string_view>(text.data() + 1, length);
    text.remove_prefix(1 + length);
    if (!text.starts_with('"')) return false;
    text.remove_prefix(1);
    return true;
  }
  if (text.starts_with(kNull)) {
    text.remove_prefix(kNull.size());
    value.emplace<std::monostate>();
    return true;
  }
  const bool is_negative = text.starts_with('-');
  const std::string_view digits = text.substr(is_negative ? 1 : 0);
  // JSON has no zeroes before a number.
  if (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') return false;
  return is_negative ? take_integer<std::int64_t>(text, value)
                     : take_integer<std::uint64_t>(text, value);
}

/// What the library tells of a line; false from any of these ends it.
class Row final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Row(Request& request, std::deque<std::string>& texts) : request_(request), texts_(texts) {}

  const Columns& columns() const { return columns_; }
  const std::vector<std::string>& other_keys() const { return other_keys_; }

  bool null() override { return add(Value()); }
  bool number_integer(number_integer_t number) override { return add(Value(std::int64_t{number})); }
  bool number_unsigned(number_unsigned_t number) override {
    return add(Value(std::uint64_t{number}));
  }
  bool string(string_t& text) override {
    if (column_ == nullptr) return depth_ > 0;
    texts_.push_back(std::move(text));
    return add(Value(std::string_view(texts_.back())));
  }
  // No column has such values.
  bool boolean(bool /*value*/) override { return add_other(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override {
    return add_other();
  }
  bool binary(binary_t& /*value*/) override { return add_other(); }
  bool start_array(std::size_t /*elements*/) override { return add_other() && ++depth_ > 0; }
  bool end_array() override { return --depth_ > 0; }

  bool start_object(std::size_t /*elements*/) override {
    return (depth_ == 0 || add_other()) && ++depth_ > 0;
  }
  bool end_object() override { return --depth_ >= 0; }
  bool key(string_t& key) override {
    if (depth_ > 1) return true;
    column_ = column_of_key(key);
    if (column_ == nullptr) {
      other_keys_.push_back(std::move(key));
    } else if (std::ranges::find(columns_, column_) == columns_.end()) {
      columns_.push_back(column_);
    }
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*last_token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  bool add(const Value& value) {
    return column_ != nullptr ? put(request_, *column_, value) : depth_ > 0;
  }
  bool add_other() const { return column_ == nullptr && depth_ > 0; }

  Request& request_;
  std::deque<std::string>& texts_;
  const Column* column_ = nullptr;  ///< of the last key; null if it is no column's
  int depth_ = 0;                   ///< of objects and arrays that are open
  Columns columns_;
  std::vector<std::string> other_keys_;
};

}  // namespace

std::optional<Request> JsonReader::read(std::string_view line) {
  std::optional<Request> request(std::in_place);
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (read_as_before(line, *request)) return request;
  request.emplace();
  if (!read_any(line, *request)) request.reset();
  return request;
}

/// Nearly all rows have the keys of the one before, and text without escapes: for
/// these the library's way is long.
bool JsonReader::read_as_before(std::string_view line, Request& request) const {
  Value value;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!line.starts_with(before_[i])) return false;
    line.remove_prefix(before_[i].size());
    if (!take_plain_value(line, value) || !put(request, *columns_[i], value)) return false;
  }
  return !columns_.empty() && line == "}";
}

bool JsonReader::read_any(std::string_view line, Request& request) {
  // To the library this is the end, whatever follows.
  if (line.contains('\0')) return false;
  texts_.clear();
  Row row(request, texts_);
  if (!nlohmann::json::sax_parse(line, &row) || row.columns().empty()) return false;
  for (const std::string& key : row.other_keys()) {
    if (other_keys_.size() < kMostOtherKeys) other_keys_.insert(key.substr(0, kMostOfAKey));
  }
  if (columns_ != row.columns()) {
    columns_ = row.columns();
    before_.clear();
    for (const Column* column : columns_) before_.push_back(json_key(*column, before_.empty()));
  }
  return true;
}

}  // namespace disksnoop
