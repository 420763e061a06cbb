#!/bin/bash
# A client of the plain protocol out of nc and sox: types with you, plays a sound file into the room and records the room.
#
#     plain_client.sh NAME [SAY.wav [HEAR.wav]]        HOST=talk.example TEXT=2222 VOICE=55555
#
# With a microphone, put `rec -q "${raw[@]}" - |` in place of the line with sox and pace; with loudspeakers, `play -q "${raw[@]}" -`
# in place of the last sox. Lines that you type are said; {quit} and then the end of the input (Ctrl-D) ends it.
set -euo pipefail
host=${HOST:-127.0.0.1} text=${TEXT:-2222} voice=${VOICE:-55555}
name=$1 say=${2:-} hear=${3:-}
raw=(-t raw -e signed -b 16 -L -c 2 -r 44100) # what the voice port speaks, both ways

# A file comes faster than time: 17,640 bytes are 100 ms.
pace() {
    local start=${EPOCHREALTIME/./} pieces=0 ahead
    while dd bs=17640 count=1 iflag=fullblock 2>&1 >&3 | grep -q '^1+0 records out'; do
        pieces=$((pieces + 1))
        ahead=$((start + pieces * 100000 - ${EPOCHREALTIME/./}))
        [ $ahead -le 0 ] || sleep "0.$(printf %06d $ahead)"
    done 3>&1
}

speak_and_listen() {
    sleep 0.5 # the text connection comes first, so that both are known to be one person's
    if [ -n "$say" ]; then sox -q "$say" "${raw[@]}" - | pace; fi | nc "$host" "$voice" |
        if [ -n "$hear" ]; then sox -q "${raw[@]}" - "$hear"; else cat >/dev/null; fi
}

[ -z "$say$hear" ] || speak_and_listen & # ends by itself: who leaves by text is let go by voice
{
    echo "$name"
    cat
} | nc "$host" "$text"
wait
