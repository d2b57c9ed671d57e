// SPDX-License-Identifier: Apache-2.0
// precentral track: what a tracker sends, counted.
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

#include "navigation/igtl_client.h"
#include "navigation/tracker_address.h"
#include "navigation/tracking_quality.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

class Counter : public DeviceListener {
public:
    void on_frame(const TrackerFrame& frame) override {
        const std::scoped_lock lock(mutex);
        quality.add(frame);
    }
    void on_link(LinkState state, const std::string& why) override {
        const std::scoped_lock lock(mutex);
        link = state;
        if (!why.empty()) link_why = why;
    }

    std::mutex mutex;
    TrackingQuality quality;
    LinkState link = LinkState::connecting;
    std::string link_why;
};

}  // namespace

void add_track(CLI::App& app) {
    auto url = std::make_shared<std::string>();
    auto seconds = std::make_shared<double>(5.0);
    auto json = std::make_shared<bool>(false);
    CLI::App* track = app.add_subcommand("track", "Watch a tracker for a while and count what arrives");
    track->add_option("URL", *url, "igtl://host:port")->required();
    track->add_option("--seconds", *seconds, "How long")->default_val(5.0)->check(CLI::Range(0.1, 86400.0));
    track->add_flag("--json", *json);
    track->footer("Example: precentral track igtl://127.0.0.1:18944 --seconds 10");
    track->callback([=] {
        const TrackerAddress address = parse_igtl_address(*url);
        Counter counter;
        const auto device = connect_igtl(address.host, address.port, ToolNames{}, counter);
        const Progress progress = terminal_progress();
        const SteadyTime began = steady_now();
        while (seconds_between(began, steady_now()) < *seconds && !progress.stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        const std::scoped_lock lock(counter.mutex);
        const TrackingQuality& quality = counter.quality;
        if (quality.frames() == 0) {
            throw Error(counter.link_why.empty() ? "No frames came from " + *url + "." : counter.link_why);
        }
        const SteadyTime now = steady_now();
        const DelaySpread delay = quality.delay();
        const std::pair<const char*, ToolQuality> tools[] = {
            {"Head", quality.head(now)}, {"Stylus", quality.stylus(now)}, {"Coil", quality.coil(now)}};
        if (*json) {
            nlohmann::json out;
            for (const auto& [name, tool] : tools) {
                out["tools"][name] = {{"received", tool.received},
                                      {"lost", quality.lost()},
                                      {"invisible", tool.invisible},
                                      {"latency_ms",
                                       {{"median", delay.median_ms},
                                        {"p95", delay.p95_ms},
                                        {"p99", delay.p99_ms},
                                        {"max", delay.max_ms}}}};
            }
            std::printf("%s\n", out.dump(2).c_str());
            return;
        }
        std::printf("%llu frames, %llu lost on the way\n", static_cast<unsigned long long>(quality.frames()),
                    static_cast<unsigned long long>(quality.lost()));
        std::printf("delay beyond the quickest frame: median %.2f ms, 95 %% %.2f ms, largest %.2f ms\n",
                    delay.median_ms, delay.p95_ms, delay.max_ms);
        for (const auto& [name, tool] : tools) {
            std::printf("%-8s seen %-8llu hidden %-8llu %s\n", name, static_cast<unsigned long long>(tool.received),
                        static_cast<unsigned long long>(tool.invisible),
                        tool.state == ToolState::visible ? "" : "not seen now");
        }
    });
}

}  // namespace precentral::cli
