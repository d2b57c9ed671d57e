// SPDX-License-Identifier: Apache-2.0
// What one frame of a tracker costs, from the bytes received to the coil's pose against its target.
#include <benchmark/benchmark.h>

#include "navigation/frame_assembly.h"
#include "navigation/guidance.h"
#include "navigation/igtl_codec.h"
#include "navigation/ndi_protocol.h"
#include "navigation/pose_history.h"
#include "navigation/replay_recording.h"
#include "navigation/tracker_script.h"
#include "navigation/tracking_quality.h"
#include "navigation/tracking_watch.h"

namespace {

using namespace precentral;

constexpr std::size_t kFrames = 256;

ScriptOptions four_tools() {
    ScriptOptions options;
    options.tools = {"Head", "Stylus", "Coil", "Coil2"};
    return options;
}

Bytes wire_frame(const ScriptFrame& frame, int version) {
    igtl::TrackingData data;
    igtl::Message message{
        .device = "Tracker", .stamp = igtl::stamp_from_seconds(1000.0 + frame.time_s), .header_version = version};
    for (const NamedTool& tool : frame.tools) {
        data.tools.push_back({tool.name, 1, igtl::to_matrix34(tool.tracker_from_tool.matrix())});
        if (version == 2) message.metadata.emplace_back(tool.name + "Status", "OK");
    }
    message.content = std::move(data);
    return igtl::encode(message);
}

// Bytes to the pose of the coil on the head, kept in the history a pulse asks: four tools a frame.
void from_bytes_to_guidance(benchmark::State& state) {
    const TrackerScript script(four_tools());
    std::vector<Bytes> wire;
    for (std::uint64_t i = 0; i < kFrames; ++i)
        wire.push_back(wire_frame(script.frame(i), static_cast<int>(state.range(0))));
    igtl::Decoder decoder;
    FrameAssembly assembly{ToolNames{}};
    PoseHistory history;
    TrackingWatch watch;
    const Transform<Head, CoilBody> target = script.target();
    SteadyTime received = steady_now();
    std::size_t next = 0;
    for (auto _ : state) {
        decoder.feed(wire[next++ % kFrames]);
        received += std::chrono::microseconds(2500);
        while (const auto message = decoder.next()) {
            for (const TrackerFrame& frame : assembly.take(*message, received)) {
                history.add(frame);
                watch.add(frame);
                const auto head_from_coil = frame.head.tracker_from_tool.inverse() * frame.coil.tracker_from_tool;
                benchmark::DoNotOptimize((target.inverse() * head_from_coil).matrix().sum());
                benchmark::DoNotOptimize(watch.coil(received).usable());
            }
        }
    }
    state.counters["per pose"] = benchmark::Counter(4.0 * static_cast<double>(state.iterations()),
                                                    benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(from_bytes_to_guidance)->Arg(1)->Arg(2);

void count_a_frame(benchmark::State& state) {
    const TrackerScript script(four_tools());
    const ScriptFrame frame = script.frame(1);
    TrackingQuality quality;
    SteadyTime received = steady_now();
    double device_s = 1000.0;
    for (auto _ : state) {
        received += std::chrono::microseconds(2500);
        quality.add(received, device_s += 0.0025, frame.tools);
    }
}
BENCHMARK(count_a_frame);

void record_a_frame(benchmark::State& state) {
    const TrackerScript script(four_tools());
    const ScriptFrame frame = script.frame(1);
    PoseRecording recording("/dev/null");
    SteadyTime received = steady_now();
    double device_s = 1000.0;
    for (auto _ : state) {
        received += std::chrono::microseconds(2500);
        recording.add(received, device_s += 0.0025, frame.tools);
    }
}
BENCHMARK(record_a_frame);

void read_bx(benchmark::State& state) {
    ndi::TrackingReply reply;
    reply.handles.resize(4);
    for (ndi::HandleReading& handle : reply.handles) handle.state = ndi::HandleState::valid;
    const Bytes wire = ndi::binary_reply(ndi::write_bx(reply));
    ndi::ReplyReader reader;
    std::string why;
    for (auto _ : state) {
        reader.feed(wire);
        const auto whole = reader.next();
        const auto read = ndi::read_bx(whole->body, why);
        for (const ndi::HandleReading& handle : read->handles) {
            benchmark::DoNotOptimize(ndi::to_tool(handle, "Coil", why));
        }
    }
}
BENCHMARK(read_bx);

}  // namespace
