using FsCheck;
using FsCheck.Fluent;

namespace KisFeed.Tests.Feeds;

/// <summary>Generates frames in which each field has a text that an encoder would write: absent, usual or extreme.</summary>
internal static class FieldGenerator
{
    public static Gen<string> Frames(FeedSchema feed, FeedLayout layout)
    {
        var columns = layout.WireColumns(feed.Columns);
        return from count in Gen.Choose(1, 3)
               from records in Gen.ArrayOf(
                   Gen.CollectToArray(columns.Select(c => FieldOf(feed, c))).Select(fields => string.Join('^', fields)), count)
               select $"0|{feed.TrId}|{count:D3}|{string.Join('^', records)}";
    }

    private static Gen<string> FieldOf(FeedSchema feed, Column column)
    {
        var usual = column.Type switch
        {
            ColumnType.Integer =>
                Gen.Choose(int.MinValue, int.MaxValue).Select(n => Padded(column, n.ToString(CultureInfo.InvariantCulture))),
            ColumnType.Decimal => Gen.Choose(-99_999_999, 99_999_999).SelectMany(n => Gen.Choose(0, 4).Select(
                scale => Padded(column, new decimal(Math.Abs(n), 0, 0, n < 0, (byte)scale).ToString(CultureInfo.InvariantCulture)))),
            ColumnType.Time => Gen.Choose(0, 86_399)
                .Select(s => TimeOnly.FromTimeSpan(TimeSpan.FromSeconds(s)).ToString("HHmmss", CultureInfo.InvariantCulture)),
            ColumnType.Date =>
                Gen.Choose(1, 3_000_000).Select(d => DateOnly.FromDayNumber(d).ToString("yyyyMMdd", CultureInfo.InvariantCulture)),
            ColumnType.Code => Gen.Elements(column.Codes.Keys.Append("2").Append("Z9").ToArray()),
            _ => Gen.Elements("가나다", "A", "005930", "00037", "x|y", "국고03250-5303(23-2)"),
        };
        var absent = column.Type switch
        {
            ColumnType.Text or ColumnType.Code => Gen.Elements("", "(null)"),
            ColumnType.Date => Gen.Elements("", "00000000", "0", "(null)"),
            ColumnType.Time => Gen.Elements("", "0", "(null)", "nan"),
            _ => Gen.Elements("", "nan", "-nan", "(null)"),
        };
        return column.Element == feed.Columns[feed.KeyColumn].Element
            ? Gen.Elements("005930", "A", "가")
            : Gen.Frequency((5, usual), (1, absent));
    }

    private static string Padded(Column column, string number) => number[0] == '-' ? number : number.PadLeft(column.ZeroPadding, '0');
}
