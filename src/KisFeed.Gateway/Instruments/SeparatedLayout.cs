namespace KisFeed.Gateway.Instruments;

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
