namespace KisFeed.Simulator;

/// <summary>A way in which a simulator can misbehave.</summary>
public sealed class SimulatorFaultKind
{
    internal SimulatorFaultKind(string name, string? valueForm, string meaning, Func<SimulatorFaults, string, SimulatorFaults?> apply, Func<SimulatorFaults, string?> write)
    {
        Name = name;
        ValueForm = valueForm;
        Meaning = meaning;
        Apply = apply;
        Write = write;
    }

    /// <summary>The name, e.g. <c>drop-after</c>.</summary>
    public string Name { get; }

    /// <summary>What stands behind the name and <c>=</c>, e.g. <c>N</c>; <see langword="null"/> where nothing does.</summary>
    public string? ValueForm { get; }

    /// <summary>What happens, in a phrase.</summary>
    public string Meaning { get; }

    /// <summary>Sets the fault to a value as text; <see langword="null"/> where the value cannot be.</summary>
    internal Func<SimulatorFaults, string, SimulatorFaults?> Apply { get; }

    /// <summary>The fault as text; <see langword="null"/> where it is not among those given.</summary>
    internal Func<SimulatorFaults, string?> Write { get; }

    /// <summary>The fault as it is written, e.g. <c>drop-after=N</c>.</summary>
    public override string ToString() => ValueForm is null ? Name : $"{Name}={ValueForm}";
}
