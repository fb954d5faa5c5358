#pragma once
// The gate's permission to send to one destination. Only Gate makes one; cleared.h binds it to the bytes that may be sent.
#include <cstdint>
#include <string>

#include "base/place.h"

namespace hearth::privacy {

class Permit {
  public:
    Permit(Permit&&) = default;
    Permit& operator=(Permit&&) = default;
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;

    // The one destination that this permit opens; client refuses to send anywhere else.
    [[nodiscard]] const std::string& scheme() const { return scheme_; }  // "http" | "https"
    [[nodiscard]] const std::string& host() const { return host_; }      // lower case, IPv6 without brackets
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] Place place() const { return place_; }
    [[nodiscard]] const std::string& entry() const {
        return entry_;
    }  // ledger entry, or the purpose ("discovery")

  private:
    friend class Gate;
    friend class PermitForTest;
    Permit(std::string scheme, std::string host, std::uint16_t port, Place place, std::string entry)
        : scheme_(std::move(scheme)),
          host_(std::move(host)),
          entry_(std::move(entry)),
          port_(port),
          place_(place) {}

    std::string scheme_, host_, entry_;
    std::uint16_t port_ = 0;
    Place place_ = Place::cloud;
};

}  // namespace hearth::privacy
