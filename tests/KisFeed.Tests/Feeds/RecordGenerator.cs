using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using KisFeed.Tests.Wire;

namespace KisFeed.Tests.Feeds;

/// <summary>Generates records of any feed in which each column is absent, usual or extreme.</summary>
internal static class RecordGenerator
{
    private static readonly Gen<string> s_text =
        from length in Gen.Choose(1, 24)
        from characters in Gen.ArrayOf(
            Gen.Frequency(
                (6, Gen.Choose('!', '~').Select(c => (char)c)),
                (3, Gen.Choose('가', '힣').Select(c => (char)c)),
                (1, Gen.Elements(' ', '|', '"', ',', '\\', '{', '\u00e9', '\u2028'))),
            length)
        let text = new string(characters).Replace('^', '~').Trim(' ')
        select text is "" or "(null)" ? "x" : text;

    private static readonly Gen<decimal> s_decimal =
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        from middle in Gen.Choose(int.MinValue, int.MaxValue)
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from words in Gen.Choose(0, 3)
        from negative in Gen.Elements(false, true)
        from scale in Gen.Choose(0, 28)
        select new decimal(words > 0 ? low : 0, words > 1 ? middle : 0, words > 2 ? high : 0, negative, (byte)scale);

    private static readonly Gen<long> s_integer =
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from shift in Gen.Choose(0, 63)
        select (((long)high << 32) | (uint)low) >> shift;

    private static readonly Gen<ulong> s_code =
        from length in Gen.Choose(1, 8)
        from characters in Gen.ArrayOf(Gen.Choose('!', '~').Select(c => c == '^' ? '~' : (char)c), length)
        let code = new string(characters)
        select (code == "(null)" ? "1" : code).Aggregate(0ul, (value, c) => (value << 8) | c);

    /// <summary>One to four records of one type.</summary>
    public static Gen<T[]> Several<T>()
        where T : struct, IFeedRecord<T> =>
        Gen.Choose(1, 4).SelectMany(count => Gen.ArrayOf(Of<T>(), count));

    /// <summary>Records of one type, with and without values in their columns.</summary>
    public static Gen<T> Of<T>()
        where T : struct, IFeedRecord<T>
    {
        var properties = typeof(T).GetProperties().Where(p => p.IsDefined(typeof(ColumnAttribute))).ToArray();
        return from present in Gen.Frequency((1, Gen.Constant(0)), (8, Gen.Constant(80)), (1, Gen.Constant(100)))
               from values in Gen.CollectToArray(properties.Select(p => ValueOf(p, present)))
               select Create<T>(properties, values);
    }

    private static T Create<T>(PropertyInfo[] properties, object?[] values)
        where T : struct, IFeedRecord<T>
    {
        object record = default(T);
        foreach (var (property, value) in properties.Zip(values))
            property.SetValue(record, value);
        typeof(T).GetProperty(nameof(IFeedRecord<>.ReceivedAt))!.SetValue(record, Decoding.ReceivedAt);
        return (T)record;
    }

    private static Gen<object?> ValueOf(PropertyInfo property, int present)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var isKey = property.GetCustomAttribute<ColumnAttribute>()!.IsKey;
        var value =
            type == typeof(string) ? s_text.Select(object? (t) => t)
            : type == typeof(decimal)
                ? Gen.Frequency(
                    (8, s_decimal),
                    (1, Gen.Elements(0m, 0.00m, 3.010m, decimal.MaxValue, decimal.MinValue, new decimal(1, 0, 0, false, 28))))
                    .Select(object? (d) => d)
            : type == typeof(long)
                ? Gen.Frequency((8, s_integer), (1, Gen.Elements(0L, -1L, long.MinValue, long.MaxValue))).Select(object? (l) => l)
            : type == typeof(TimeOnly) ? Gen.Choose(0, 86_399).Select(object? (s) => TimeOnly.FromTimeSpan(TimeSpan.FromSeconds(s)))
            : type.IsEnum
                ? Gen.Frequency((1, s_code), (1, Gen.Elements(Enum.GetValuesAsUnderlyingType(type).Cast<ulong>())))
                    .Select(object? (c) => Enum.ToObject(type, c))
            : throw new NotSupportedException($"no generator for {type}");
        return from chance in Gen.Choose(1, 100)
               from generated in value
               select chance <= present ? generated : isKey ? "" : null;
    }
}
