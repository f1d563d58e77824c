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

/// <summary>Fields at fixed positions, counted in bytes from the start or the end of the line.</summary>
/// <param name="code">The position of the code.</param>
/// <param name="name">The position of the name.</param>
/// <param name="underlying">The position of the name of the underlying, which may be missing at the end of a line.</param>
internal sealed class FixedLayout(Range code, Range name, Range? underlying = null) : MasterLayout
{
    public override bool TryRead(ReadOnlySpan<byte> line, out MasterFields fields)
    {
        fields = default;
        if (!Has(line, code) || !Has(line, name))
            return false;
        fields = new MasterFields { Code = line[code], Name = line[name], Underlying = underlying is { } range && Has(line, range) ? line[range] : default };
        return true;
    }

    private static bool Has(ReadOnlySpan<byte> line, Range range)
    {
        var start = range.Start.GetOffset(line.Length);
        var end = range.End.GetOffset(line.Length);
        return start >= 0 && start < end && end <= line.Length;
    }
}

/// <summary>Fields with separators between them, numbered from 0. More fields may follow: the broker adds some now and then.</summary>
internal sealed class SeparatedLayout : MasterLayout
{
    private const int None = -1;

    private readonly byte _separator;
    private readonly int _code;
    private readonly int _name;
    private readonly int _englishName;
    private readonly int _underlying;

    public SeparatedLayout(char separator, int code, int name, int englishName = None, int underlying = None)
    {
        _separator = (byte)separator;
        _code = code;
        _name = name;
        _englishName = englishName;
        _underlying = underlying;
    }

    public override bool TryRead(ReadOnlySpan<byte> line, out MasterFields fields)
    {
        ReadOnlySpan<byte> code = default, name = default, englishName = default, underlying = default;
        var number = 0;
        foreach (var range in line.Split(_separator))
        {
            var field = line[range];
            if (number == _code)
                code = field;
            else if (number == _name)
                name = field;
            else if (number == _englishName)
                englishName = field;
            else if (number == _underlying)
                underlying = field;
            number++;
        }

        fields = new MasterFields { Code = code, Name = name, EnglishName = englishName, Underlying = underlying };
        return number > Math.Max(Math.Max(_code, _name), Math.Max(_englishName, _underlying));
    }
}
