#!/usr/bin/env bash
# A Slurm of one node on loopback, all of it in a folder, for tests: slurm.sh start|stop FOLDER.
# Own keys, sockets and ports; nothing of the system's is touched, and jobs are those of this user alone.
set -euo pipefail
command=$1 folder=$2
export SLURM_CONF=$folder/slurm.conf PATH=$PATH:/usr/sbin

stop() {
    local name id
    for name in slurmd slurmctld munged; do
        id=$(cat "$folder/$name.pid" 2>/dev/null) || continue
        [ "$(cat "/proc/$id/comm" 2>/dev/null)" = "$name" ] && kill "$id"
    done
    return 0
}

if [ "$command" = stop ]; then
    stop
    exit
fi

host=$(hostname -s) me=$(id -un)
mkdir -p "$folder"/{state,spool}
head -c 1024 /dev/urandom >"$folder/key"
chmod 400 "$folder/key"
munged --key-file="$folder/key" --socket="$folder/munge" --pid-file="$folder/munged.pid" \
    --log-file="$folder/munged.log" --seed-file="$folder/seed"
cat >"$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$3
SlurmdPort=$4
SlurmUser=$me
SlurmdUser=$me
AuthType=auth/munge
AuthInfo=socket=$folder/munge
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 CoresPerSocket=2 State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF" -N "$host"
for _ in $(seq 300); do
    [ "$(sinfo -h -o %T 2>/dev/null)" = idle ] && exit
    sleep 0.1
done
echo "slurm: the node did not come up" >&2
tail -n 5 "$folder"/*.log >&2
stop
exit 1
