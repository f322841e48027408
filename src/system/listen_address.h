// Where a server listens, as a user writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace disksnoop {

struct ListenAddress {
  std::string host = "127.0.0.1";  ///< an IPv4 or IPv6 address, without brackets
  std::uint16_t port = 0;

  bool is_ipv6() const;
  /// "127.0.0.1:10101", "[::1]:10101".
  std::string text() const;
};

/// "10101", "10.0.0.1:10101", "[::1]:10101". Error: no address by numbers, or no port from 1 on.
Result<ListenAddress> parse_listen_address(std::string_view text);

/// Whether it can be listened on now. Error: why not.
Result<void> check_listening(const ListenAddress& address);

}  // namespace disksnoop
