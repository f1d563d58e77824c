namespace KisFeed.Gateway.Instruments;

/// <summary>Where the fields of a line are.</summary>
internal abstract class MasterLayout
{
    /// <summary>Reads the fields of a line; <see langword="false"/> if it is too short.</summary>
    public abstract bool TryRead(ReadOnlySpan<byte> line, out MasterFields fields);
}

/// <summary>The fields of a line, with the blanks around them. Fields that the file does not have are empty.</summary>
internal readonly ref struct MasterFields
{
    public ReadOnlySpan<byte> Code { get; init; }

    public ReadOnlySpan<byte> Name { get; init; }

    public ReadOnlySpan<byte> EnglishName { get; init; }

    /// <summary>The name of the underlying of a derivative (기초자산 명).</summary>
    public ReadOnlySpan<byte> Underlying { get; init; }
}
