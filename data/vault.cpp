// SPDX-License-Identifier: Apache-2.0
#include "data/vault.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>

#include "data/error.h"
#include "data/text_file.h"

namespace precentral {
namespace {

using Json = nlohmann::json;

// The head of the file: mark, passes, memory, salt, nonce of the check, the sealed check, nonce, length of what
// follows.
constexpr std::string_view kMark = "PRCVLT01";
constexpr std::size_t kSalt = crypto_pwhash_SALTBYTES;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kKey = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kDerived = kMark.size() + 8 + 8 + kSalt;  // what the check is bound to
constexpr std::size_t kHead = kDerived + kNonce + kTag + kNonce + 8;
constexpr std::size_t kMostBytes = std::size_t{64} << 20;
// A file may not make this program take all memory, or an hour.
constexpr std::uint64_t kMostMemory = std::uint64_t{4} << 30;
constexpr std::uint64_t kMostPasses = 100;

void start_sodium() {
    if (sodium_init() < 0) throw Error("The system's random source cannot be used; the vault stays closed.");
}

void put_number(std::string& to, std::uint64_t value) {
    for (int i = 0; i < 8; ++i) to += static_cast<char>((value >> (8 * i)) & 0xff);
}
std::uint64_t number_at(std::string_view from, std::size_t at) {
    std::uint64_t out = 0;
    for (std::size_t i = 8; i-- > 0;) out = out << 8 | static_cast<unsigned char>(from[at + i]);
    return out;
}
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
std::string random_bytes(std::size_t count) {
    std::string out(count, '\0');
    randombytes_buf(out.data(), count);
    return out;
}

// Two keys, one for the content and one for the check, in guarded memory.
class Keys {
public:
    Keys(std::string_view passphrase, std::string_view salt, const VaultCost& cost)
        : memory_(static_cast<unsigned char*>(sodium_malloc(2 * kKey))) {
        if (!memory_ || crypto_pwhash(memory_.get(), 2 * kKey, passphrase.data(), passphrase.size(), bytes(salt),
                                      cost.passes, cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
            throw Error("There is not enough memory to open the vault (" + std::to_string(cost.memory_bytes >> 20) +
                        " MiB). Close other programs, then try again.");
        }
    }
    std::string seal(bool check, std::string_view content, std::string_view head, std::string_view nonce) const {
        std::string out(content.size() + kTag, '\0');
        crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(out), nullptr, bytes(content), content.size(), bytes(head),
                                                   head.size(), nullptr, bytes(nonce), key(check));
        return out;
    }
    bool unseal(bool check, std::string_view sealed, std::string_view head, std::string_view nonce,
                std::string& content) const {
        if (sealed.size() < kTag) return false;
        content.assign(sealed.size() - kTag, '\0');
        return crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(content), nullptr, nullptr, bytes(sealed),
                                                          sealed.size(), bytes(head), head.size(), bytes(nonce),
                                                          key(check)) == 0;
    }

private:
    struct Free {
        void operator()(unsigned char* memory) const { sodium_free(memory); }  // wipes it
    };
    const unsigned char* key(bool check) const { return memory_.get() + (check ? kKey : 0); }
    std::unique_ptr<unsigned char, Free> memory_;
};

void wipe(std::string& text) {
    if (!text.empty()) sodium_memzero(text.data(), text.size());
    text.clear();
}

void require_passphrase(std::string_view passphrase) {
    if (passphrase.size() < Vault::kShortestPassphrase) {
        throw InputError("The passphrase is too short; take at least " + std::to_string(Vault::kShortestPassphrase) +
                         " characters, for example four words.");
    }
}

// Readable by its owner only from the first byte on; the old vault stays until the new one is durable.
void write_durably(const std::string& file, std::string_view content, bool over_another) {
    const std::string partial = file + ".partial";
    ::unlink(partial.c_str());
    const auto fail = [&]() {
        const std::string why = std::generic_category().message(errno);
        ::unlink(partial.c_str());
        throw Error(file + " cannot be written: " + why + ". Nothing was changed.");
    };
    const int descriptor = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) fail();
    bool done = true;
    for (std::size_t at = 0; done && at < content.size();) {
        const ssize_t written = ::write(descriptor, content.data() + at, content.size() - at);
        done = written > 0;
        if (done) at += static_cast<std::size_t>(written);
    }
    done = done && ::fsync(descriptor) == 0;
    done = ::close(descriptor) == 0 && done;
    if (!done) fail();
    // A link does not replace what another program made meanwhile.
    if (over_another ? ::rename(partial.c_str(), file.c_str()) != 0 : ::link(partial.c_str(), file.c_str()) != 0)
        fail();
    if (!over_another) ::unlink(partial.c_str());
    const std::filesystem::path path(file);
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const int place = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place >= 0) {
        ::fsync(place);
        ::close(place);
    }
}

}  // namespace

struct Vault::Content {
    std::string file;
    std::string derived;  // mark, cost and salt, as they stand in the file
    std::string on_disk;  // the file as it was last read or written
    std::unique_ptr<Keys> keys;
    std::map<std::string, Identity> identities;

    ~Content() { wipe_identities(); }
    void wipe_identities() {
        for (auto& [code, one] : identities) {
            wipe(one.name);
            wipe(one.birth_date);
            wipe(one.hospital_id);
        }
        identities.clear();
    }

    void derive(std::string_view passphrase, const VaultCost& cost) {
        start_sodium();
        const std::string salt = random_bytes(kSalt);
        std::string head(kMark);
        put_number(head, cost.passes);
        put_number(head, cost.memory_bytes);
        head += salt;
        keys = std::make_unique<Keys>(passphrase, salt, cost);
        derived = std::move(head);
    }

    void write(bool over_another) {
        Json json = Json::object();
        for (const auto& [code, one] : identities) json[code] = {one.name, one.birth_date, one.hospital_id};
        std::string plain = json.dump(-1, ' ', false, Json::error_handler_t::replace);
        const std::string check_nonce = random_bytes(kNonce);
        std::string out = derived + check_nonce + keys->seal(true, "", derived, check_nonce);
        const std::string nonce = random_bytes(kNonce);
        out += nonce;
        put_number(out, plain.size() + kTag);
        const std::string sealed = keys->seal(false, plain, out, nonce);
        wipe(plain);
        out += sealed;
        write_durably(file, out, over_another);
        on_disk = std::move(out);
    }

    void require_unchanged() const {
        if (read_text_file(file, kMostBytes) != on_disk) {
            throw Error(file + " was changed by another program since it was opened; open it again, then repeat.");
        }
    }
};

Vault::Vault(std::unique_ptr<Content> content) : content_(std::move(content)), last_used_(steady_now()) {}
Vault::Vault(Vault&&) noexcept = default;
Vault& Vault::operator=(Vault&&) noexcept = default;
Vault::~Vault() = default;

Vault Vault::make(const std::string& file, std::string_view passphrase, const VaultCost& cost) {
    require_passphrase(passphrase);
    std::error_code unknown;
    if (std::filesystem::exists(file, unknown)) throw InputError("There is already a file " + file + ".");
    auto content = std::make_unique<Content>();
    content->file = file;
    content->derive(passphrase, cost);
    content->write(false);
    return Vault(std::move(content));
}

Vault Vault::open(const std::string& file, std::string_view passphrase) {
    start_sodium();
    auto content = std::make_unique<Content>();
    content->file = file;
    content->on_disk = read_text_file(file, kMostBytes);
    const std::string_view all = content->on_disk;
    if (!all.starts_with(kMark.substr(0, std::min(all.size(), kMark.size()))) || all.empty()) {
        throw InputError(file + " is not a vault of this program.");
    }
    const InputError cut_short(file + " is cut short or was altered; restore it from a copy.");
    if (all.size() < kHead + kTag) throw cut_short;
    const std::uint64_t passes = number_at(all, kMark.size());
    const std::uint64_t memory = number_at(all, kMark.size() + 8);
    if (number_at(all, kHead - 8) != all.size() - kHead || passes < crypto_pwhash_OPSLIMIT_MIN ||
        passes > kMostPasses || memory < crypto_pwhash_MEMLIMIT_MIN || memory > kMostMemory) {
        throw cut_short;
    }
    content->derived = all.substr(0, kDerived);
    content->keys = std::make_unique<Keys>(passphrase, all.substr(kDerived - kSalt, kSalt), VaultCost{passes, memory});
    std::string plain;
    if (!content->keys->unseal(true, all.substr(kDerived + kNonce, kTag), content->derived,
                               all.substr(kDerived, kNonce), plain)) {
        throw InputError("The passphrase of " + file + " is wrong (or the head of the file was altered).");
    }
    if (!content->keys->unseal(false, all.substr(kHead), all.substr(0, kHead),
                               all.substr(kDerived + kNonce + kTag, kNonce), plain)) {
        throw InputError(file + " was altered; the passphrase is right. Restore it from a copy.");
    }
    const Json json = Json::parse(plain, nullptr, false);
    wipe(plain);
    const InputError unknown(file + " holds what this program does not know; update it.");
    if (!json.is_object()) throw unknown;
    for (const auto& [code, one] : json.items()) {
        if (!one.is_array() || one.size() != 3 ||
            !std::all_of(one.begin(), one.end(), [](const Json& text) { return text.is_string(); })) {
            throw unknown;
        }
        content->identities[code] = {one[0].get<std::string>(), one[1].get<std::string>(), one[2].get<std::string>()};
    }
    return Vault(std::move(content));
}

Vault::Content& Vault::opened() const {
    if (is_locked()) throw InputError("The vault is locked; open it with its passphrase.");
    last_used_ = steady_now();
    return *content_;
}

bool Vault::is_locked() const {
    if (!content_ || !content_->keys) return true;
    if (steady_now() - last_used_ < auto_lock_) return false;
    content_->wipe_identities();
    content_->keys.reset();
    return true;
}

void Vault::lock() { content_.reset(); }

Identity Vault::identity_of(const std::string& case_code) const {
    const auto& identities = opened().identities;
    const auto at = identities.find(case_code);
    if (at == identities.end()) throw InputError("The vault knows no case " + case_code + ".");
    return at->second;
}

std::vector<std::string> Vault::codes() const {
    std::vector<std::string> out;
    for (const auto& [code, one] : opened().identities) out.push_back(code);
    return out;
}

void Vault::add(const std::string& case_code, const Identity& identity) {
    Content& content = opened();
    const auto at = content.identities.find(case_code);
    if (at != content.identities.end()) {
        if (at->second == identity) return;
        throw InputError("The vault has another identity for case " + case_code + "; nothing was changed.");
    }
    content.require_unchanged();
    content.identities[case_code] = identity;
    try {
        content.write(true);
    } catch (...) {
        content.identities.erase(case_code);
        throw;
    }
}

void Vault::change_passphrase(std::string_view old, std::string_view changed, const VaultCost& cost) {
    Content& content = opened();
    require_passphrase(changed);
    content.require_unchanged();
    open(content.file, old);  // throws when it is not the right one
    const std::string derived = content.derived;
    std::unique_ptr<Keys> keys = std::move(content.keys);
    try {
        content.derive(changed, cost);
        content.write(true);
    } catch (...) {
        content.derived = derived;
        content.keys = std::move(keys);
        throw;
    }
}

}  // namespace precentral
