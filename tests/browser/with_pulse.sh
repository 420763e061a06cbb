#!/bin/sh
# Runs a command with a PulseAudio of its own, which ends with it: Firefox needs one, and hears nobody else's.
folder=$(mktemp -d)
mkdir -m 700 "$folder/run"
HOME=$folder XDG_RUNTIME_DIR=$folder/run PULSE_RUNTIME_PATH=$folder/run pulseaudio -n --daemonize=no --use-pid-file=no \
    --exit-idle-time=-1 --realtime=no --high-priority=no \
    -L "module-native-protocol-unix auth-anonymous=1 socket=$folder/socket" \
    -L "module-null-sink sink_name=out rate=48000 channels=2" 2>"$folder/log" &
pulse=$!
trap 'kill $pulse; wait $pulse 2>/dev/null; rm -rf "$folder"' EXIT
export PULSE_SERVER="unix:$folder/socket"
tries=0
until pactl info >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { cat "$folder/log" >&2; exit 1; }
    sleep 0.1
done
"$@"
