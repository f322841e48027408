#include "system/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <variant>

#include "base/quantity.h"
#include "system/unique_fd.h"

namespace disksnoop {
namespace {

using SocketAddress = std::variant<std::monostate, sockaddr_in, sockaddr_in6>;

SocketAddress socket_address(const ListenAddress& address) {
  sockaddr_in four = {};
  if (::inet_pton(AF_INET, address.host.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(address.port);
    return four;
  }
  sockaddr_in6 six = {};
  if (::inet_pton(AF_INET6, address.host.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(address.port);
    return six;
  }
  return {};
}

template <class Address>
bool can_bind(const Address& address) {
  const UniqueFd fd(::socket(reinterpret_cast<const sockaddr*>(&address)->sa_family,
                             SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  return fd && ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
         ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
         ::listen(fd.get(), 1) == 0;
}

}  // namespace

bool ListenAddress::is_ipv6() const { return host.contains(':'); }

std::string ListenAddress::text() const {
  return is_ipv6() ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  ListenAddress address;
  std::string_view port = text;
  if (colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    port = text.substr(colon + 1);
    const bool has_brackets = host.starts_with('[') && host.ends_with(']');
    if (has_brackets) host = host.substr(1, host.size() - 2);
    address.host = host;
    const bool is_known = !std::holds_alternative<std::monostate>(socket_address(address));
    if (!is_known || has_brackets != address.is_ipv6()) {
      return fail(fmt::format("'{}' has no address like 127.0.0.1", text));
    }
  }
  const auto number = parse_count(port);
  if (!number || *number == 0 || *number > std::numeric_limits<std::uint16_t>::max()) {
    return fail(fmt::format("'{}' has no port from 1 to 65535", text));
  }
  address.port = static_cast<std::uint16_t>(*number);
  return address;
}

Result<void> check_listening(const ListenAddress& address) {
  const SocketAddress binary = socket_address(address);
  const auto* four = std::get_if<sockaddr_in>(&binary);
  const auto* six = std::get_if<sockaddr_in6>(&binary);
  errno = EADDRNOTAVAIL;
  if (four != nullptr ? can_bind(*four) : six != nullptr && can_bind(*six)) return {};
  return fail(fmt::format("cannot listen on {}: {}", address.text(), std::strerror(errno)));
}

}  // namespace disksnoop
