namespace KisFeed.Cli.Shells;

/// <summary>A shell with completion.</summary>
internal enum Shell
{
    Bash,
    Zsh,
    Fish,
    Pwsh,
}

/// <summary>
/// The scripts that make a shell complete <c>kisfeed</c>. Each passes the command line up to the cursor to <c>kisfeed complete</c>, which
/// prints one completion per line: the text, a tab, its description. Without completions the shell offers files.
/// </summary>
internal static class CompletionScript
{
    // Readline replaces only the part of a word after the last ':' or '='.
    private const string Bash = """
        _kisfeed() {
          local line=${COMP_LINE:0:COMP_POINT} text
          local word=${line##*[[:space:]]}
          local head=${word%"${word##*[:=]}"}
          COMPREPLY=()
          while IFS=$'\t' read -r text _; do
            COMPREPLY+=("${text#"$head"}")
          done < <(kisfeed complete "$line" 2>/dev/null)
          if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *: ]]; then compopt -o nospace; fi
        }
        complete -o default -F _kisfeed kisfeed

        """;

    private const string Zsh = """
        #compdef kisfeed
        _kisfeed() {
          local text description
          local -a open open_shown closed closed_shown
          while IFS=$'\t' read -r text description; do
            if [[ $text == *: ]]; then
              open+=("$text") open_shown+=("$text${description:+  -- $description}")
            else
              closed+=("$text") closed_shown+=("$text${description:+  -- $description}")
            fi
          done < <(kisfeed complete "${(j: :)words[1,CURRENT-1]} $PREFIX" 2>/dev/null)
          (( ${#open} )) && compadd -S '' -l -d open_shown -a open
          (( ${#closed} )) && compadd -l -d closed_shown -a closed
          (( ${#open} + ${#closed} )) || _files
        }
        if [[ $funcstack[1] == _kisfeed ]]; then _kisfeed; else compdef _kisfeed kisfeed; fi

        """;

    private const string Fish = """
        function __kisfeed_complete
          set -l found (kisfeed complete (commandline --cut-at-cursor --current-process | string collect) 2>/dev/null)
          if test (count $found) -gt 0
            printf '%s\n' $found
          else
            __fish_complete_path (commandline --current-token)
          end
        end
        complete --command kisfeed --no-files --arguments '(__kisfeed_complete)'

        """;

    private const string Pwsh = """
        Register-ArgumentCompleter -Native -CommandName kisfeed -ScriptBlock {
          param($word, $ast, $cursor)
          $line = $ast.ToString().PadRight($cursor - $ast.Extent.StartOffset).Substring(0, $cursor - $ast.Extent.StartOffset)
          kisfeed complete $line 2>$null | ForEach-Object {
            $text, $description = $_ -split "`t", 2
            if (-not $description) { $description = $text }
            [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $description)
          }
        }

        """;

    public static string Of(Shell shell) => shell switch
    {
        Shell.Bash => Bash,
        Shell.Zsh => Zsh,
        Shell.Fish => Fish,
        _ => Pwsh,
    };
}
