// SPDX-License-Identifier: Apache-2.0
// precentral track: what a tracker sends, counted, recorded and handed on.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "navigation/open_tracker.h"
#include "navigation/pose_broadcast.h"
#include "navigation/replay_recording.h"
#include "navigation/tool_names.h"
#include "navigation/tracking_quality.h"
#include "navigation/tracking_watch.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

constexpr std::size_t kMostTimes = 1'000'000;

class Watcher : public DeviceListener {
public:
    void on_tools(SteadyTime received, double device_time_s, std::span<const NamedTool> tools) override {
        const std::scoped_lock lock(mutex);
        quality.add(received, device_time_s, tools);
        if (recording) recording->add(received, device_time_s, tools);
        if (broadcast != nullptr) broadcast->publish(device_time_s, tools);
    }
    void on_frame(const TrackerFrame& frame) override {
        const std::scoped_lock lock(mutex);
        ++frames;
        watch.add(frame);
        if (frame.head.visible() && frame.coil.visible()) {
            head_from_coil = frame.head.tracker_from_tool.inverse() * frame.coil.tracker_from_tool;
        }
        const double took_s = seconds_between(frame.received, steady_now());
        if (handling_ms.size() < kMostTimes) handling_ms.push_back(static_cast<float>(1000.0 * took_s));
    }
    void on_text(const std::string& device, const std::string& text) override {
        const std::scoped_lock lock(mutex);
        notes.push_back(device + ": " + text);
        if (notes.size() > 5) notes.erase(notes.begin());
    }
    void on_link(LinkState state, const std::string& why) override {
        const std::scoped_lock lock(mutex);
        if (state == LinkState::connected) ++connections;
        link = state;
        if (!why.empty()) link_why = why;
        watch.link(state, why, steady_now());
    }
    void on_refused(const std::string& why, std::uint64_t total) override {
        const std::scoped_lock lock(mutex);
        refused = total;
        refused_why = why;
    }

    std::mutex mutex;
    TrackingQuality quality;
    TrackingWatch watch;
    std::optional<PoseRecording> recording;
    PoseBroadcast* broadcast = nullptr;
    LinkState link = LinkState::connecting;
    std::string link_why;
    std::vector<std::string> notes;
    Transform<Head, CoilBody> head_from_coil;
    std::vector<float> handling_ms;  // from receipt to the coil's pose on the head
    std::uint64_t connections = 0;
    std::uint64_t frames = 0;
    std::uint64_t refused = 0;
    std::string refused_why;
};

struct Row {
    ToolQuality quality;
    DelaySpread delay;
    std::optional<ToolReport> report;  // of head, stylus and coil
};

// All tools the device names, and our three whether it names them or not.
std::map<std::string, Row> rows_of(const Watcher& watcher, const ToolNames& names, SteadyTime now) {
    std::map<std::string, Row> rows;
    for (const std::string& ours : {names.head, names.stylus, names.coil}) rows[std::string(plain_tool_name(ours))];
    for (const auto& [name, stream] : watcher.quality.tools()) {
        rows[name] = {stream.quality(now), stream.delay(), std::nullopt};
    }
    for (auto& [name, row] : rows) {
        const std::optional<TrackedBody> body = body_of(name, names);
        if (body == TrackedBody::head) row.report = watcher.watch.head(now);
        if (body == TrackedBody::stylus) row.report = watcher.watch.stylus(now);
        if (body == TrackedBody::coil) row.report = watcher.watch.coil(now);
        if (!row.report) continue;
        // The sentence speaks of the role; the user has named the tool.
        for (const char* role : {"Head", "Stylus", "Coil"}) {
            std::string& sentence = row.report->sentence;
            if (name != role && sentence.starts_with(role)) sentence.replace(0, std::string_view(role).size(), name);
        }
    }
    return rows;
}

void print_json(const std::map<std::string, Row>& rows, const Watcher& watcher) {
    nlohmann::json out;
    for (const auto& [name, row] : rows) {
        nlohmann::json& tool = out["tools"][name];
        tool = {{"received", row.quality.received},
                {"lost", row.quality.lost},
                {"invisible", row.quality.invisible},
                {"rate_hz", row.quality.rate_hz},
                {"latency_ms",
                 {{"median", row.delay.median_ms},
                  {"p95", row.delay.p95_ms},
                  {"p99", row.delay.p99_ms},
                  {"max", row.delay.max_ms}}}};
        if (std::isfinite(row.quality.error_mm)) tool["error_mm"] = row.quality.error_mm;
        if (row.report && !row.report->sentence.empty()) tool["problem"] = row.report->sentence;
    }
    out["frames"] = watcher.frames;
    if (!watcher.handling_ms.empty()) {
        std::vector<float> sorted = watcher.handling_ms;
        std::sort(sorted.begin(), sorted.end());
        const auto at = [&](double share) {
            return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
        };
        out["receipt_to_pose_ms"] = {{"median", at(0.5)}, {"p95", at(0.95)}, {"p99", at(0.99)}, {"max", at(1.0)}};
    }
    out["connections"] = watcher.connections;
    out["refused"] = watcher.refused;
    if (!watcher.refused_why.empty()) out["refused_why"] = watcher.refused_why;
    if (!watcher.notes.empty()) out["notes"] = watcher.notes;
    std::printf("%s\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void print_table(const std::map<std::string, Row>& rows, const Watcher& watcher) {
    std::printf(
        "tool                 seen     hidden   lost   Hz      delay beyond the quickest: median  95 %%  largest\n");
    for (const auto& [name, row] : rows) {
        std::printf("%-20s %-8llu %-8llu %-6llu %-6.1f  %34.2f %6.2f %7.2f ms  %s\n", name.c_str(),
                    static_cast<unsigned long long>(row.quality.received),
                    static_cast<unsigned long long>(row.quality.invisible),
                    static_cast<unsigned long long>(row.quality.lost), row.quality.rate_hz, row.delay.median_ms,
                    row.delay.p95_ms, row.delay.max_ms, row.report ? row.report->sentence.c_str() : "");
    }
    if (watcher.refused > 0) {
        std::printf("%llu refused; the last: %s\n", static_cast<unsigned long long>(watcher.refused),
                    watcher.refused_why.c_str());
    }
    for (const std::string& note : watcher.notes) std::printf("%s\n", note.c_str());
}

struct Asked {
    std::string url;
    double seconds = 5.0;
    std::string record;
    OpenOptions open;
    ToolNames names;
    int serve = -1;
    bool json = false;
};

void track(const Asked& asked) {
    Watcher watcher;
    if (!asked.record.empty()) {
        if (!asked.record.ends_with(".mha")) {
            throw InputError("'" + asked.record + "' is to end in .igs.mha, so that programs know what it is.");
        }
        watcher.recording.emplace(asked.record);
    }
    std::optional<PoseBroadcast> broadcast;
    if (asked.serve >= 0) {
        broadcast.emplace(static_cast<std::uint16_t>(asked.serve));
        watcher.broadcast = &*broadcast;
        std::fprintf(stderr, "Poses go out at igtl://127.0.0.1:%u\n", static_cast<unsigned>(broadcast->port()));
    }
    std::unique_ptr<Device> device = open_tracker(asked.url, asked.names, watcher, asked.open);
    const Progress progress = terminal_progress();
    const SteadyTime began = steady_now();
    const auto over = [&] {
        // A recording ends by itself.
        if (!asked.url.starts_with("replay:")) return false;
        const std::scoped_lock lock(watcher.mutex);
        return watcher.link == LinkState::lost;
    };
    while (seconds_between(began, steady_now()) < asked.seconds && !progress.stop.stop_requested() && !over()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const SteadyTime now = steady_now();
    std::map<std::string, Row> rows;
    {
        const std::scoped_lock lock(watcher.mutex);
        rows = rows_of(watcher, asked.names, now);
    }
    device.reset();
    if (watcher.recording) watcher.recording->finish();
    if (watcher.quality.tools().empty()) {
        throw Error(watcher.link_why.empty() ? "No frames came from " + asked.url + "." : watcher.link_why);
    }
    if (asked.json) {
        print_json(rows, watcher);
    } else {
        print_table(rows, watcher);
    }
}

}  // namespace

void add_track(CLI::App& app) {
    auto asked = std::make_shared<Asked>();
    CLI::App* command =
        app.add_subcommand("track", "Watch a tracker for a while and count, record or hand on its poses");
    command
        ->add_option("URL", asked->url,
                     "igtl://host:port, ndi://host?Head=head.rom&Coil=coil.rom, ndi:/dev/ttyUSB0, sim:approach or "
                     "replay:FILE.igs.mha")
        ->required();
    command->add_option("--seconds", asked->seconds, "How long (s); a recording may end sooner")
        ->default_val(5.0)
        ->check(CLI::Range(0.1, 86400.0));
    command->add_option("--record", asked->record, "Writes all poses to this .igs.mha, for replay:");
    command->add_option("--pace", asked->open.pace, "Of a recording: 2 = twice as fast, 0 = as fast as possible")
        ->default_val(1.0);
    command->add_option("--head", asked->names.head, "The device's name of the tool on the head")->default_val("Head");
    command->add_option("--stylus", asked->names.stylus, "… of the stylus")->default_val("Stylus");
    command->add_option("--coil", asked->names.coil, "… of the coil")->default_val("Coil");
    command->add_option("--serve", asked->serve, "Hands the poses on over OpenIGTLink at this port; 0 = any free one")
        ->check(CLI::Range(0, 65535));
    command->add_flag("--json", asked->json, "For programs");
    command->footer(
        "Example: precentral track igtl://127.0.0.1:18944 --seconds 10 --record visit.igs.mha\n"
        "         precentral track replay:visit.igs.mha --json");
    command->callback([=] { track(*asked); });
}

}  // namespace precentral::cli
