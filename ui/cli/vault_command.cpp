// SPDX-License-Identifier: Apache-2.0
// precentral vault add | show | change-passphrase: identities, sealed beside the record. What is secret is typed, or
// read from standard input or a file descriptor; never an argument, which every program of the computer could see.
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "data/error.h"
#include "data/vault.h"
#include "ui/cli/commands.h"

namespace precentral::cli {
namespace {

struct VaultArguments {
    std::string vault = "precentral-demo/precentral.vault";
    std::string code;
    int passphrase_fd = -1;
};

// Up to the end of the line, byte by byte: what follows belongs to the next passphrase.
std::string line_from(int descriptor) {
    constexpr std::size_t kLongest = 4096;
    std::string out;
    for (char c = 0;;) {
        const ssize_t count = ::read(descriptor, &c, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            throw InputError("A line cannot be read from descriptor " + std::to_string(descriptor) + ": " +
                             std::generic_category().message(errno) + ".");
        }
        if (count == 0 || c == '\n') return out;
        if (out.size() == kLongest) throw InputError("A line is longer than 4096 characters.");
        out += c;
    }
}

// Three lines of standard input, each of which may be empty.
Identity ask_identity() {
    const auto line = [](const char* question) {
        if (::isatty(STDIN_FILENO) != 0) std::fprintf(stderr, "%s (empty if not known): ", question);
        return line_from(STDIN_FILENO);
    };
    Identity out;
    out.name = line("Name");
    out.birth_date = line("Date of birth");
    out.hospital_id = line("Hospital number");
    if (out == Identity{}) {
        throw InputError(
            "No identity was given: name, date of birth and hospital number are read from standard input, a line "
            "each.");
    }
    return out;
}

// The terminal shows nothing of what is typed.
class NoEcho {
public:
    NoEcho() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) {
            throw InputError("There is no terminal to type the passphrase at; give --passphrase-fd NUMBER.");
        }
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
    ~NoEcho() {
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        std::fputs("\n", stderr);
    }

private:
    termios before_{};
};

std::string ask(const VaultArguments& a, const char* question) {
    if (a.passphrase_fd >= 0) return line_from(a.passphrase_fd);
    const NoEcho silent;
    std::fprintf(stderr, "%s: ", question);
    return line_from(STDIN_FILENO);
}

std::string ask_twice(const VaultArguments& a, const char* question) {
    const std::string out = ask(a, question);
    if (a.passphrase_fd < 0 && ask(a, "The same again") != out) {
        throw InputError("The two passphrases differ; nothing was changed.");
    }
    return out;
}

bool is_there(const std::string& file) {
    std::error_code unknown;
    return std::filesystem::exists(file, unknown);
}

void add_identity(const VaultArguments& a) {
    const Identity identity = ask_identity();
    Vault vault = is_there(a.vault) ? Vault::open(a.vault, ask(a, "Passphrase of the vault"))
                                    : Vault::make(a.vault, ask_twice(a, "Passphrase of the new vault"));
    vault.add(a.code, identity);
    std::printf("%s is in %s.\n", a.code.c_str(), a.vault.c_str());
}

void show_identity(const VaultArguments& a) {
    const Vault vault = Vault::open(a.vault, ask(a, "Passphrase of the vault"));
    for (const std::string& code : a.code.empty() ? vault.codes() : std::vector<std::string>{a.code}) {
        const Identity one = vault.identity_of(code);
        std::printf("%s  %s  %s  %s\n", code.c_str(), one.name.c_str(), one.birth_date.c_str(),
                    one.hospital_id.c_str());
    }
}

void change_passphrase(const VaultArguments& a) {
    const std::string old = ask(a, "Present passphrase");
    Vault vault = Vault::open(a.vault, old);
    vault.change_passphrase(old, ask_twice(a, "New passphrase"));
    std::printf("%s opens with the new passphrase only.\n", a.vault.c_str());
}

void add_common_options(CLI::App* command, const std::shared_ptr<VaultArguments>& a) {
    command->add_option("--vault", a->vault, "The file of the vault")
        ->envname("PRECENTRAL_VAULT")
        ->capture_default_str();
    command->add_option("--passphrase-fd", a->passphrase_fd, "Read passphrases from this descriptor, a line each");
}

}  // namespace

void add_vault(CLI::App& app) {
    auto a = std::make_shared<VaultArguments>();
    CLI::App* group = app.add_subcommand("vault", "Who the case codes are, sealed with a passphrase");
    group->require_subcommand(1);
    CLI::App* add = group->add_subcommand("add", "Put an identity in; makes the vault when there is none");
    add->add_option("CODE", a->code, "The case")->required();
    add_common_options(add, a);
    add->footer(
        "Name, date of birth and hospital number are asked for, or read from standard input, a line each.\n"
        "Example: precentral vault add PRC-2B7K9QXD");
    add->callback([a] { add_identity(*a); });
    CLI::App* show = group->add_subcommand("show", "The identity of one case, or of all");
    show->add_option("CODE", a->code, "The case; all when not given");
    add_common_options(show, a);
    show->callback([a] { show_identity(*a); });
    CLI::App* change = group->add_subcommand("change-passphrase", "Seal the vault anew");
    add_common_options(change, a);
    change->callback([a] { change_passphrase(*a); });
}

}  // namespace precentral::cli
