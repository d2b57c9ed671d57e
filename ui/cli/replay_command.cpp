// SPDX-License-Identifier: Apache-2.0
// precentral replay: a recorded session computed again and checked against the record.
#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>

#include "data/store.h"
#include "imaging/head_model.h"
#include "navigation/session_replay.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct ReplayArguments {
    std::string store = "precentral-demo/precentral.db";
    std::string session;
    int visit = 0;
    std::string t1;
    bool json = false;
};

// A session's number, or a case's code with its visit (the last one when not named).
Session session_of(const Store& store, const ReplayArguments& a) {
    RecordId id = 0;
    const char* const end = a.session.data() + a.session.size();
    const auto [after, failed] = std::from_chars(a.session.data(), end, id);
    if (failed == std::errc() && after == end) {
        for (const Case& patient : store.cases()) {
            for (const Session& session : store.sessions(patient.code)) {
                if (session.id == id) return session;
            }
        }
        throw InputError("There is no session " + a.session + " in " + a.store + ".");
    }
    std::string code = a.session;
    int visit = a.visit;
    if (const auto slash = code.find('/'); slash != std::string::npos && visit == 0) {
        const std::string number = code.substr(slash + 1);
        const auto [stop, wrong] = std::from_chars(number.data(), number.data() + number.size(), visit);
        if (wrong != std::errc() || stop != number.data() + number.size()) {
            throw InputError("\"" + number + "\" is no number of a visit; write CODE/VISIT or use --visit.");
        }
        code.resize(slash);
    }
    if (code.empty()) {
        const auto cases = store.cases();
        if (cases.size() != 1) throw InputError("Name the session: its number, or a case's code with --visit.");
        code = cases.front().code;
    }
    store.case_of(code);
    const auto sessions = store.sessions(code);
    for (const Session& session : sessions) {
        if (session.visit == visit) return session;
    }
    if (visit == 0 && !sessions.empty()) return sessions.back();
    throw InputError("The case " + code + " has no visit" +
                     (visit == 0 ? "s yet." : " " + std::to_string(visit) + "."));
}

// The scalp that was navigated on; the reason when it cannot be had.
std::optional<Surface> scalp_of(const Store& store, const Session& session, const std::string& t1, std::string& why) {
    const auto images = store.images(session.case_code);
    if (images.empty()) {
        why = "the case has no MRI";
        return std::nullopt;
    }
    const std::filesystem::path file =
        t1.empty() ? std::filesystem::path(images.back().path) : std::filesystem::path(t1);
    if (t1.empty() && !std::filesystem::exists(file)) {
        why = "the MRI of the case is not where it was read from; give its place with --t1";
        return std::nullopt;
    }
    const HeadModel head = prepare_head(file, cache_dir(), terminal_progress());
    for (const ImageRecord& image : images) {
        if (image.content_sha256 == head.content_sha256) return head.scalp;
    }
    if (!t1.empty()) throw InputError("\"" + t1 + "\" is not the MRI the case was navigated on.");
    why = "the file at the place of the case's MRI is another one; give the right one with --t1";
    return std::nullopt;
}

nlohmann::json to_json(const PulseDifference& d) {
    return {{"sequence", d.sequence},       {"pose_mm", d.pose_mm}, {"pose_deg", d.pose_deg},
            {"in_plane_mm", d.in_plane_mm}, {"gap_mm", d.gap_mm},   {"tilt_deg", d.tilt_deg},
            {"twist_deg", d.twist_deg},     {"why", d.why}};
}

void replay(const ReplayArguments& a) {
    if (a.store.rfind("postgres", 0) != 0 && !std::filesystem::exists(a.store)) {
        throw InputError("There is no record at \"" + a.store + "\". Give its place with --store.");
    }
    const auto store = open_store_to_read(a.store);
    const Session session = session_of(*store, a);
    std::string no_gap;
    const std::optional<Surface> surface = scalp_of(*store, session, a.t1, no_gap);
    std::optional<SurfaceIndex> scalp;
    if (surface) scalp.emplace(*surface);
    const SessionReplay found = replay_session(*store, session, scalp ? &*scalp : nullptr);
    nlohmann::json warnings = nlohmann::json::array();
    if (!found.gap_checked) warnings.push_back("The gap above the scalp was not computed again: " + no_gap + ".");
    if (a.json) {
        nlohmann::json differing = nlohmann::json::array();
        for (const PulseDifference& one : found.differing) differing.push_back(to_json(one));
        const nlohmann::json out{{"ok", found.ok()},
                                 {"case", session.case_code},
                                 {"visit", session.visit},
                                 {"session", session.id},
                                 {"pulses", found.pulses},
                                 {"computed", found.computed},
                                 {"with_deviation", found.with_deviation},
                                 {"without_pose", found.without_pose},
                                 {"gap_checked", found.gap_checked},
                                 {"limit", kReplayLimit},
                                 {"worst", to_json(found.worst)},
                                 {"differing", differing},
                                 {"warnings", warnings}};
        std::printf("%s\n", out.dump(2).c_str());
    } else {
        const PulseDifference& w = found.worst;
        std::printf("%s visit %d (session %lld): %d pulses, %d computed again, %d without a pose\n",
                    session.case_code.c_str(), session.visit, static_cast<long long>(session.id), found.pulses,
                    found.computed, found.without_pose);
        std::printf(
            "worst difference   pose %.2g mm, %.2g deg   in plane %.2g mm   tilt %.2g deg   twist %.2g deg   gap ",
            w.pose_mm, w.pose_deg, w.in_plane_mm, w.tilt_deg, w.twist_deg);
        std::printf(found.gap_checked ? "%.2g mm\n" : "not computed\n", w.gap_mm);
        for (std::size_t i = 0; i < found.differing.size() && i < 20; ++i) {
            const PulseDifference& d = found.differing[i];
            std::printf("pulse %-6d pose %.4g mm  in plane %.4g mm  gap %.4g mm  tilt %.4g deg  twist %.4g deg  %s\n",
                        d.sequence, d.pose_mm, d.in_plane_mm, d.gap_mm, d.tilt_deg, d.twist_deg, d.why.c_str());
        }
        if (found.differing.size() > 20) std::printf("and %zu more\n", found.differing.size() - 20);
        for (const auto& warning : warnings) std::fprintf(stderr, "Warning: %s\n", warning.get<std::string>().c_str());
    }
    if (!found.ok()) {
        throw Error(std::to_string(found.differing.size()) + " of " + std::to_string(found.pulses) +
                    " pulses are not what their raw poses give; check the store, and what it was written by.");
    }
}

}  // namespace

void add_replay(CLI::App& app) {
    auto a = std::make_shared<ReplayArguments>();
    CLI::App* command = app.add_subcommand(
        "replay",
        "Compute a recorded session again from its raw poses and check it against the record; exit 1 when not");
    command->add_option("SESSION", a->session,
                        "The session's number, or the case's code (CODE or CODE/VISIT); may be left out with one case");
    command->add_option("--visit", a->visit, "The visit of the case: 1, 2, …; the last one when not given")
        ->check(CLI::Range(1, 100000));
    command->add_option("--t1", a->t1, "The MRI, when it is no longer where it was read from");
    command->add_option("--store", a->store, "File or postgresql://user@host:port/database")
        ->envname("PRECENTRAL_STORE")
        ->capture_default_str();
    command->add_flag("--json", a->json);
    command->footer(
        "Numbers count as other ones beyond 0.001 mm or 0.001 degrees.\n"
        "Example: precentral replay PRC-7K2M9QXA/3 --store clinic.db --json");
    command->callback([a] { replay(*a); });
}

}  // namespace precentral::cli
