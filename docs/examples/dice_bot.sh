#!/bin/bash
# A bot in line mode: answers !roll with a die, and leaves at !bye.
#
#     dice_bot.sh earshot https://talk.example/r/games
#
# What the room says comes in on one side, what the bot says goes out on the other.
set -euo pipefail
earshot=${1:-earshot} url=${2:-http://localhost:8080}

coproc house { exec "$earshot" "$url" --room games --name Dice --no-audio --plain; }
while read -r _ _ who text <&"${house[0]}"; do
    who=${who#<} who=${who%>}
    case $text in
        '!roll') echo "$who rolls $((RANDOM % 6 + 1))" >&"${house[1]}" ;;
        '!bye') echo '{quit}' >&"${house[1]}" ;;
    esac
done
