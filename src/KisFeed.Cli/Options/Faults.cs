using System.CommandLine;
using KisFeed.Simulator;

namespace KisFeed.Cli.Options;

/// <summary>How a simulator is to misbehave.</summary>
internal static class Faults
{
    public static Option<SimulatorFaults> Option()
    {
        var width = SimulatorFaults.Kinds.Max(kind => kind.ToString().Length);
        var kinds = SimulatorFaults.Kinds.Select(kind => $"{kind.ToString().PadRight(width)}  {kind.Meaning}");
        var option = new Option<SimulatorFaults>("--fault")
        {
            Description = string.Join('\n', ["What to do wrong, so that a client can be tried against it; may be given several times:", .. kinds]),
            HelpName = "NAME[=VALUE]",
            Arity = ArgumentArity.OneOrMore,
        };
        option.CustomParser = result =>
        {
            if (!SimulatorFaults.TryParse(result.Tokens.Select(token => token.Value), out var faults, out var error))
                result.AddError($"{error}.");
            return faults;
        };
        option.CompletionSources.Add(_ => SimulatorFaults.Kinds.Select(kind => kind.ValueForm is null ? kind.Name : $"{kind.Name}="));
        return option;
    }
}
