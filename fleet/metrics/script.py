"""What runs on a Pi: one POSIX shell, its loop, and the line that the loop prints each second.

Nothing is installed and nothing written. Everything is read with the shell's builtins; the forks
are one `sleep` a second, every tenth and thirtieth `vcgencmd`, `date` and `df`, and each minute
`docker`, in the background, as its daemon may hang. It works with dash, bash and busybox, and goes
on where files are missing, as on machines that are no Pis.

Lines (fields by `key=`, separated by tabs):

    I   key=value       facts, once: serial, machine, boot, model, os, kernel, arch, bits, host;
                        each minute: node, its id in a swarm, where the user may ask Docker
    X   thr= arm= now= disk= root=                  every tenth and thirtieth, before an S
    S   n= up= load= mem= c= C= net= temp= hz= host=                         each second
"""

COMMAND = "exec sh -s"

SCRIPT = r"""
exec 2>/dev/null
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/bin:/usr/sbin:/bin:/sbin:/opt/vc/bin
tab=$(printf '\t')
fact() { printf 'I\t%s=%.160s\n' "$1" "$2"; }
first() { line=; [ -r "$1" ] && read -r line <"$1"; [ -n "$line" ]; }
serial= model=
first /sys/firmware/devicetree/base/serial-number && serial=$line
first /sys/firmware/devicetree/base/model && model=$line
if [ -r /proc/cpuinfo ]; then
    while IFS=": $tab" read -r key value; do
        case $key in
        Serial) [ "$serial" ] || serial=$value ;;
        Model) [ "$model" ] || model=$value ;;
        esac
    done </proc/cpuinfo
fi
fact serial "$serial"
fact model "$model"
first /etc/machine-id && fact machine "$line"
first /proc/sys/kernel/random/boot_id && fact boot "$line"
first /proc/sys/kernel/osrelease && fact kernel "$line"
first /proc/sys/kernel/hostname && fact host "$line"
fact arch "$(uname -m)"
fact bits "$(getconf LONG_BIT)"
if [ -r /etc/os-release ]; then
    while IFS== read -r key value; do
        [ "$key" = PRETTY_NAME ] && fact os "$value"
    done </etc/os-release
fi
throttled() {
    bits= arm=
    if command -v vcgencmd >/dev/null; then
        bits=$(vcgencmd get_throttled)
        arm=$(vcgencmd measure_clock arm)
        arm=${arm##*=}
    fi
    # Outside of the group video vcgencmd is there and says only that it may not.
    case $bits in
    throttled=*) bits=${bits#throttled=} ;;
    *) bits= arm= ;;
    esac
    # soc/soc:firmware, but for newer boards, where the first has its address behind it.
    for place in /sys/devices/platform/soc*/soc*:firmware/get_throttled; do
        [ -z "$bits" ] && first "$place" && bits=$line
    done
}
disk() {
    df -Pk / | {
        read -r line
        read -r dev total used free rest
        printf '%.20s,%.20s' "$total" "$free"
    }
}
root_is() {
    [ -r /proc/mounts ] || return
    while read -r dev place type options rest; do
        [ "$place" = / ] || continue
        case ,$options, in
        *,ro,*) root=ro ;;
        *) root=rw ;;
        esac
    done </proc/mounts
}
swarm_node() {
    command -v docker >/dev/null || return
    node=$(timeout 5 docker info -f '{{.Swarm.NodeID}}') && fact node "$node"
}
n=0
while :; do
    if [ $((n % 60)) = 0 ]; then
        swarm_node </dev/null &
    fi
    if [ $((n % 10)) = 0 ]; then
        throttled
        space= root=
        [ $((n % 30)) = 0 ] && space=$(disk) && root_is
        now=$(date +%s)
        printf 'X\tthr=%.20s\tarm=%.20s\tnow=%.20s\tdisk=%s\troot=%s\n' \
            "$bits" "$arm" "$now" "$space" "$root" || exit
    fi
    out="n=$n"
    [ -r /proc/uptime ] && read -r up rest </proc/uptime && out="$out${tab}up=$up"
    [ -r /proc/loadavg ] && read -r a b c rest </proc/loadavg && out="$out${tab}load=$a,$b,$c"
    if [ -r /proc/meminfo ]; then
        mt= mf= ma= st= sf=
        while read -r key value rest; do
            case $key in
            MemTotal:) mt=$value ;;
            MemFree:) mf=$value ;;
            MemAvailable:) ma=$value ;;
            SwapTotal:) st=$value ;;
            SwapFree:) sf=$value; break ;;
            esac
        done </proc/meminfo
        out="$out${tab}mem=$mt,${ma:-$mf},$st,$sf"
    fi
    if [ -r /proc/stat ]; then
        cores=0
        while read -r key a b c d e f g h rest; do
            case $key in
            cpu) out="$out${tab}c=$a,$b,$c,$d,$e,$f,$g,$h" ;;
            cpu*)
                cores=$((cores + 1))
                [ "$cores" -le 16 ] && out="$out${tab}C=$a,$b,$c,$d,$e,$f,$g,$h" ;;
            *) break ;;
            esac
        done </proc/stat
    fi
    if [ -r /proc/net/dev ]; then
        cards=0
        while IFS=": $tab" read -r key a b c d e f g h i rest; do
            case $key in
            eth* | en* | wl* | usb*)
                cards=$((cards + 1))
                [ "$cards" -le 4 ] && out="$out${tab}net=$key,$a,$i" ;;
            esac
        done </proc/net/dev
    fi
    first /sys/class/thermal/thermal_zone0/temp && out="$out${tab}temp=$line"
    first /sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq && out="$out${tab}hz=$line"
    first /proc/sys/kernel/hostname && out="$out${tab}host=$line"
    [ "${#out}" -le 2000 ] || out="n=$n"
    # Not every sshd leaves a dying pipe's signal on: without `exit` the loop would outlive us.
    printf 'S\t%s\n' "$out" || exit
    n=$((n + 1))
    sleep 1 || exit
done
"""
