// Makes a head from nothing, so that the sample runs without a model: a ball, two eyes, and one mesh with lips and lids
// whose blend shapes have ARKit names. It faces +Z; the subject's left is -X. Metres.
using System;
using UnityEngine;

namespace Visavis.Samples
{
    /// <summary>A puppet with the shapes that show most: mouth and blinks.</summary>
    public static class PuppetHead
    {
        const int Columns = 13, LidColumns = 7;
        const float MouthHalfWidth = 0.03f, MouthY = -0.045f, MouthZ = 0.095f;
        const float EyeX = 0.035f, EyeY = 0.025f, EyeZ = 0.08f, EyeRadius = 0.017f;

        /// <summary>Builds it below <paramref name="parent"/> and gives its parts to the driver.</summary>
        public static void Build(Transform parent, VisavisFaceBlendShapes face)
        {
            Transform head = new GameObject("Head").transform;
            head.SetParent(parent, false);
            Ball("Skull", head, Vector3.zero, new Vector3(0.17f, 0.22f, 0.18f), new Color(0.85f, 0.66f, 0.52f));
            face.leftEye = Eye("LeftEye", head, -EyeX);
            face.rightEye = Eye("RightEye", head, EyeX);
            face.headTransform = head;

            var skin = new GameObject("Lips and lids");
            skin.transform.SetParent(head, false);
            SkinnedMeshRenderer renderer = skin.AddComponent<SkinnedMeshRenderer>();
            renderer.sharedMesh = Mesh();
            Material lips = Paint(new Color(0.35f, 0.08f, 0.08f)), lids = Paint(new Color(0.78f, 0.58f, 0.45f));
            renderer.sharedMaterials = new[] { lips, lids };
            face.meshes = new[] { renderer };
        }

        static Mesh Mesh()
        {
            var points = new Vector3[2 * Columns + 4 * LidColumns];
            for (int i = 0; i < Columns; i++)
            {
                float x = MouthHalfWidth * (2f * i / (Columns - 1) - 1f);
                points[i] = new Vector3(x, MouthY + 0.001f, MouthZ - 4f * x * x); // the upper lip
                points[Columns + i] = new Vector3(x, MouthY - 0.001f, MouthZ - 4f * x * x); // the lower one
            }
            Lid(points, 2 * Columns, -EyeX);
            Lid(points, 2 * Columns + 2 * LidColumns, EyeX);
            var mesh = new Mesh { name = "Puppet", vertices = points, subMeshCount = 2 };
            mesh.SetTriangles(Strip(0, Columns), 0);
            int[] left = Strip(2 * Columns, LidColumns), right = Strip(2 * Columns + 2 * LidColumns, LidColumns);
            var lids = new int[left.Length + right.Length];
            left.CopyTo(lids, 0);
            right.CopyTo(lids, left.Length);
            mesh.SetTriangles(lids, 1);
            AddShapes(mesh, points);
            mesh.RecalculateNormals();
            mesh.RecalculateBounds();
            return mesh;
        }

        /// Two rows of points on the upper edge of an eye; a blink draws the second one down.
        static void Lid(Vector3[] points, int at, float centreX)
        {
            for (int i = 0; i < LidColumns; i++)
            {
                float angle = Mathf.PI * i / (LidColumns - 1);
                float x = centreX - 1.2f * EyeRadius * Mathf.Cos(angle), y = EyeY + 1.1f * EyeRadius * Mathf.Sin(angle);
                points[at + i] = points[at + LidColumns + i] = new Vector3(x, y, EyeZ + 1.15f * EyeRadius);
            }
        }

        static int[] Strip(int at, int columns)
        {
            var triangles = new int[6 * (columns - 1)];
            for (int i = 0; i < columns - 1; i++)
            {
                int upper = at + i, lower = at + columns + i;
                // Seen from +Z, where x grows to the left: clockwise is the front.
                new[] { upper, lower, upper + 1, upper + 1, lower, lower + 1 }.CopyTo(triangles, 6 * i);
            }
            return triangles;
        }

        static void AddShapes(Mesh mesh, Vector3[] points)
        {
            Add(mesh, "jawOpen", points, (p, i) => Lower(i) * Bulge(p) * new Vector3(0f, -0.035f, 0f));
            Add(mesh, "mouthClose", points, (p, i) => Lower(i) * Bulge(p) * new Vector3(0f, 0.035f, 0f));
            Add(mesh, "mouthPucker", points, (p, i) => Mouth(i) * new Vector3(-0.5f * p.x, 0f, 0.01f));
            Add(mesh, "mouthFunnel", points, (p, i) => Mouth(i)
                * new Vector3(-0.4f * p.x, (Upper(i) - Lower(i)) * 0.006f * Bulge(p), 0.01f));
            AddPair(mesh, "mouthUpperUp", points, (p, i) => Upper(i) * Bulge(p) * new Vector3(0f, 0.006f, 0f));
            AddPair(mesh, "mouthLowerDown", points, (p, i) => Lower(i) * Bulge(p) * new Vector3(0f, -0.008f, 0f));
            AddPair(mesh, "mouthSmile", points, (p, i) => Mouth(i) * Corner(p) * new Vector3(0.008f, 0.012f, 0f));
            AddPair(mesh, "mouthStretch", points, (p, i) => Mouth(i) * Corner(p) * new Vector3(0.008f, 0f, 0f));
            AddPair(mesh, "eyeBlink", points, (p, i) => Drawn(i) * new Vector3(0f, -2f * (p.y - EyeY), 0f));
        }

        /// A shape of each side; `move` has x outwards.
        static void AddPair(Mesh mesh, string name, Vector3[] points, Func<Vector3, int, Vector3> move)
        {
            foreach (float side in new[] { -1f, 1f })
            {
                Add(mesh, name + (side < 0f ? "Left" : "Right"), points, (p, i) =>
                {
                    Vector3 moved = move(p, i);
                    return p.x * side >= 0f ? new Vector3(side * moved.x, moved.y, moved.z) : Vector3.zero;
                });
            }
        }

        static void Add(Mesh mesh, string name, Vector3[] points, Func<Vector3, int, Vector3> move)
        {
            var moves = new Vector3[points.Length];
            for (int i = 0; i < points.Length; i++) { moves[i] = move(points[i], i); }
            mesh.AddBlendShapeFrame(name, 100f, moves, null, null);
        }

        static float Upper(int i) { return i < Columns ? 1f : 0f; }

        static float Lower(int i) { return i >= Columns && i < 2 * Columns ? 1f : 0f; }

        static float Mouth(int i) { return i < 2 * Columns ? 1f : 0f; }

        /// The second row of either lid.
        static float Drawn(int i) { return i >= 2 * Columns && (i - 2 * Columns) / LidColumns % 2 == 1 ? 1f : 0f; }

        /// 1 in the middle of the mouth, 0 at its corners.
        static float Bulge(Vector3 p) { return 1f - Corner(p); }

        static float Corner(Vector3 p) { return p.x * p.x / (MouthHalfWidth * MouthHalfWidth); }

        static Transform Eye(string name, Transform head, float x)
        {
            Transform eye = new GameObject(name).transform;
            eye.SetParent(head, false);
            eye.localPosition = new Vector3(x, EyeY, EyeZ);
            Ball("White", eye, Vector3.zero, 2f * EyeRadius * Vector3.one, Color.white);
            Ball("Iris", eye, new Vector3(0f, 0f, 0.6f * EyeRadius), EyeRadius * Vector3.one, new Color(0.2f, 0.12f, 0.06f));
            return eye;
        }

        static void Ball(string name, Transform parent, Vector3 at, Vector3 size, Color colour)
        {
            GameObject ball = GameObject.CreatePrimitive(PrimitiveType.Sphere);
            ball.name = name;
            ball.transform.SetParent(parent, false);
            ball.transform.localPosition = at;
            ball.transform.localScale = size;
            ball.GetComponent<Renderer>().sharedMaterial = Paint(colour);
        }

        static Material Paint(Color colour)
        {
            return new Material(Shader.Find("Unlit/Color")) { color = colour };
        }
    }
}
