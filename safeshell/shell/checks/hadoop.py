"""The cluster's yarn and mapred, whose subcommands have options of their own kind: `yarn application -kill ID`.

The package manager of the same name has no such options. Facts: the YARN and MapReduce commands guides of Hadoop 3.
"""

from __future__ import annotations

from typing import Final

from safeshell.shell.checks.retaken import words
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN

_ENDS: Final = words(
    "-kill -kill-job -kill-task -fail -fail-task -signal -stop -destroy -flex -movetoqueue -changeQueue"
    " -updatePriority -set-priority -updateLifetime -save -upgrade -launch -start -decommission -cancel -component"
    " -instances -enableFastLaunch"
)
_ADMINISTERS: Final = words(
    "-refreshQueues -refreshNodes -refreshNodesResources -refreshUserToGroupsMappings -refreshAdminAcls"
    " -refreshServiceAcl -refreshSuperUserGroupsConfiguration -refreshClusterMaxPriority -transitionToActive"
    " -transitionToStandby -failover -decommission -addToClusterNodeLabels -removeFromClusterNodeLabels"
    " -replaceLabelsOnNode -updateNodeResource -remove -update -add -global -refreshLoadedJobCache"
    " -refreshLogRetentionSettings -refreshJobRetentionSettings"
)
_ASKS: Final = words(
    "-list -status -getServiceState -getAllServiceState -checkHealth -applicationId -lnl -counter"
    " -events -history -logs"
)
_ALSO: Final = words(
    "-all -states -appStates -appTypes -appTags -containerId -nodeAddress -log_files -log_files_pattern -size -am"
    " -showDetails -appOwner -show_application_log_info -show_container_log_info -list_nodes -attempt -active"
)


def _options(invocation: Invocation) -> set[str]:
    return {word.text for word in invocation.words if word.text[:1] == "-"}


def ends_jobs(invocation: Invocation) -> bool:
    """It ends an application, a job or a service, or changes its place."""
    return bool(_options(invocation) & _ENDS)


def administers(invocation: Invocation) -> bool:
    """It changes queues, nodes, labels, or which manager is active."""
    return bool(_options(invocation) & _ADMINISTERS)


def looks(invocation: Invocation) -> bool:
    """It lists, or shows a state or logs."""
    options = _options(invocation)
    return bool(options & _ASKS) and options <= _ASKS | _ALSO and not any(UNKNOWN in text for text in options)
