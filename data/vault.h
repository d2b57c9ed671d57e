// SPDX-License-Identifier: Apache-2.0
// Who a case code is: names kept apart from the record, in a file of their own that nobody reads without a passphrase.
//
// The key is Argon2id of the passphrase (RFC 9106; moderate cost by default: about a second and 256 MiB); the content
// is sealed with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha; a fresh 24-byte nonce at each writing), the head of the
// file bound in. A second key of the same derivation seals a check of the passphrase, so that a wrong one and an
// altered file are told apart. Key and identities lie in memory that is not swapped out where the system allows it (the
// key), and are wiped on locking (both). Belongs to one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/time.h"

namespace precentral {

struct Identity {
    std::string name;
    std::string birth_date;   // as the hospital writes it
    std::string hospital_id;  // the patient's number there
    bool operator==(const Identity&) const = default;
};

// What guessing one passphrase costs. The least Argon2id allows is 1 and 8192.
struct VaultCost {
    unsigned long long passes = 3;
    std::size_t memory_bytes = std::size_t{256} << 20;
};

class Vault {
public:
    static constexpr std::chrono::minutes kAutoLock{10};
    static constexpr std::size_t kShortestPassphrase = 12;

    // A new, empty vault. Throws InputError: the file exists, the passphrase is short; Error: it cannot be written.
    static Vault make(const std::string& file, std::string_view passphrase, const VaultCost& cost = {});
    // Throws InputError naming the file: none there, not a vault, cut short, altered, or a wrong passphrase.
    static Vault open(const std::string& file, std::string_view passphrase);

    Vault(Vault&&) noexcept;
    Vault& operator=(Vault&&) noexcept;
    ~Vault();  // locks

    // Each throws InputError when the vault is locked, or has locked itself: not used for `auto_lock`.
    Identity identity_of(const std::string& case_code) const;  // also InputError when the code is not in it
    std::vector<std::string> codes() const;
    // Durable when it returns. Throws InputError when the code has another identity already, Error when the file cannot
    // be written or was changed by another program since it was opened (nothing is changed then).
    void add(const std::string& case_code, const Identity& identity);
    // The content sealed anew with a new salt, key and cost. Throws InputError when `old` is wrong or the new one
    // short.
    void change_passphrase(std::string_view old, std::string_view changed, const VaultCost& cost = {});

    void lock();
    bool is_locked() const;
    void set_auto_lock(std::chrono::milliseconds unused) { auto_lock_ = unused; }

private:
    struct Content;
    explicit Vault(std::unique_ptr<Content> content);
    Content& opened() const;

    std::unique_ptr<Content> content_;
    std::chrono::milliseconds auto_lock_ = kAutoLock;
    mutable SteadyTime last_used_;
};

}  // namespace precentral
