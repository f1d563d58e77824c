namespace KisFeed.Simulator;

/// <summary>A kind of fault that a simulator can produce.</summary>
public sealed class SimulatorFaultKind
{
    internal SimulatorFaultKind(
        string name,
        string? valueForm,
        string? permitted,
        string meaning,
        Func<SimulatorFaults, string, SimulatorFaults?> apply,
        Func<SimulatorFaults, string?> write)
    {
        Name = name;
        ValueForm = valueForm;
        Permitted = permitted;
        Meaning = meaning;
        Apply = apply;
        Write = write;
    }

    /// <summary>The name, e.g. <c>drop-after</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// The form of the value after the name and <c>=</c>, e.g. <c>N</c>; <see langword="null"/> if the fault has no value.
    /// </summary>
    public string? ValueForm { get; }

    /// <summary>A short description.</summary>
    public string Meaning { get; }

    /// <summary>
    /// The permitted values, e.g. <c>N is a whole number of at least 1</c>; <see langword="null"/> if the fault has no value.
    /// </summary>
    internal string? Permitted { get; }

    /// <summary>Sets the fault from a value in text form. Returns <see langword="null"/> if the value is not valid.</summary>
    internal Func<SimulatorFaults, string, SimulatorFaults?> Apply { get; }

    /// <summary>Formats the fault as text. Returns <see langword="null"/> if the fault is not set.</summary>
    internal Func<SimulatorFaults, string?> Write { get; }

    /// <summary>The name and the form of the value, e.g. <c>drop-after=N</c>.</summary>
    public override string ToString() => ValueForm is null ? Name : $"{Name}={ValueForm}";
}
