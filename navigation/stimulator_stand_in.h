// SPDX-License-Identifier: Apache-2.0
// A stimulator without hardware: the frames of a MagVenture or Magstim, lines of text or single bytes, over a real TCP
// connection, datagrams or a pseudo-terminal, at the times a real one would send them; damaged or silent on demand.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace precentral {

enum class StandInModel { line, byte, magventure, magstim };
enum class StandInWire { tcp, udp, pseudo_terminal };

struct StandInOptions {
    StandInModel model = StandInModel::line;
    StandInWire wire = StandInWire::tcp;
    std::uint16_t port = 0;  // tcp: to listen on, 0 = any free one; udp: of this computer, to send to
    std::string link;        // pseudo-terminal: a name that always leads to it, "" = none
    int trains = 1;
    int pulses_per_train = 80;
    double rate_hz = 20.0;  // of pulses, or of bursts
    int pulses_per_burst = 1;
    double burst_hz = 50.0;  // within a burst
    double pause_s = 2.0;    // from the end of a train to the next
    int intensity_mso = 50;
    double start_after_s = 0.5;  // after somebody listens (tcp) or it is ready
    double stay_s = 1.0;         // after the last pulse
    int damage_every = 0;        // each so-many-th message of a pulse has a wrong checksum, or is no text
    int drop_every = 0;          // each so-many-th pulse is given but not told
    int unplug_after = 0;   // after that many pulses the wire is gone for 0.3 s; what is given meanwhile is not told
    bool with_mep = false;  // MagVenture: what its own amplifier measured, after each pulse
};

struct StandInReport {
    int given = 0;
    int told = 0;
    int damaged = 0;
};

// Runs on the calling thread until all is given or `stop`. `ready` is called once with the address under which it is
// heard. Throws InputError for options that make no sense, Error when the port is taken.
StandInReport run_stimulator_stand_in(const StandInOptions& options, const std::stop_token& stop,
                                      const std::function<void(const std::string& address)>& ready);

}  // namespace precentral
