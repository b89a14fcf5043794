# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for hostdriverctl. Names and versions come from the service; without it, there are none.

# Prints column $1 of the list, a version a line where it holds several.
__hostdriverctl_list() {
        hostdriverctl list --no-legend --no-pager 2>/dev/null </dev/null |
                awk -v name="$1" 'name == "" { print $1; next } $1 == name { gsub(",", "\n", $2); print $2 }'
}

__hostdriverctl_kernels() {
        local path
        for path in /lib/modules/*/; do
                [[ -e $path ]] && basename "$path"
        done
}

_hostdriverctl() {
        local verbs='list show devices initramfs select deselect check why adopt import remove
                rescan jobs cancel monitor history kernels policy
                kernel-added kernel-removed compare-versions help'
        local options='--host --machine --root --json --no-pager --no-legend --full --no-block --no-ask-password
                --help --version'
        local cur prev words cword
        local word verb='' previous='' count=0 i

        # Words with ":" or "=" stay whole.
        _get_comp_words_by_ref -n := cur prev words cword || return

        case $prev in
        -H | --host | -M | --machine | --ignore | --package | --as-version | --since | -n | --lines)
                return
                ;;
        --root)
                mapfile -t COMPREPLY < <(compgen -d -- "$cur")
                return
                ;;
        --json)
                mapfile -t COMPREPLY < <(compgen -W 'short pretty off' -- "$cur")
                return
                ;;
        -k | --kernel)
                mapfile -t COMPREPLY < <(compgen -W "$(__hostdriverctl_kernels)" -- "$cur")
                return
                ;;
        esac
        for ((i = 1; i < cword; i++)); do
                word=${words[i]}
                case $word in
                -H | --host | -M | --machine | --root | --json | -k | --kernel | --ignore | --package | --as-version | \
                        --since | -n | --lines)
                        ((i++))
                        continue
                        ;;
                -*) continue ;;
                esac
                if [[ -z $verb ]]; then
                        verb=$word
                else
                        previous=$word
                        ((count++))
                fi
        done

        case $verb in
        select | remove) options+=' --kernel --ignore --dry-run' ;;
        import) options+=' --kernel --ignore --dry-run --package --as-version' ;;
        adopt) options+=' --kernel --ignore --dry-run --package --as-version --undo' ;;
        deselect) options+=' --kernel --dry-run --force' ;;
        kernel-removed) options+=' --leaving' ;;
        check) options+=' --kernel' ;;
        history) options+=' --since --lines' ;;
        esac
        if [[ $cur == --json=* ]]; then
                mapfile -t COMPREPLY < <(compgen -W 'short pretty off' -- "${cur#*=}")
                return
        elif [[ $cur == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
                return
        fi

        case $verb in
        '' | help) word=$verbs ;;
        show | devices) word=$(__hostdriverctl_list) ;;
        select)
                if ((count % 2 == 0)); then
                        word=$(__hostdriverctl_list)
                else
                        word=$(__hostdriverctl_list "$previous")
                fi
                ;;
        import)
                mapfile -t COMPREPLY < <(compgen -f -- "$cur")
                return
                ;;
        check | remove)
                case $count in
                0) word=$(__hostdriverctl_list) ;;
                1) word=$(__hostdriverctl_list "$previous") ;;
                *) word='' ;;
                esac
                ;;
        policy)
                case $count in
                0) word=$(__hostdriverctl_list) ;;
                1) word='pin newest priority kernel' ;;
                *) word='' ;;
                esac
                ;;
        kernel-added | kernel-removed)
                if ((count == 0)); then
                        word=$(__hostdriverctl_kernels)
                else
                        word=''
                fi
                ;;
        initramfs)
                case $count in
                0) word='status rebuild' ;;
                *) word=$(__hostdriverctl_kernels) ;;
                esac
                ;;
        deselect | why | history | adopt)
                if ((count == 0)); then
                        word=$(__hostdriverctl_list)
                else
                        word=''
                fi
                ;;
        cancel) word=$(hostdriverctl jobs --no-legend 2>/dev/null </dev/null | awk '{ print $1 }') ;;
        *) word='' ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "$word" -- "$cur")
}

complete -F _hostdriverctl hostdriverctl
