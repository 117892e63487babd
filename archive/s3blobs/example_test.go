package s3blobs_test

import (
	"context"
	"log"
	"os"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/pastime-go/pastime"
	"github.com/pastime-go/pastime/archive/s3blobs"
)

// An agent keeps its old sessions in a bucket. The bucket exists; without a server there is
// nothing to run here.
func Example() {
	client, err := minio.New("s3.example.org", &minio.Options{
		Creds: credentials.NewStaticV4(os.Getenv("S3_USER"), os.Getenv("S3_PASSWORD"), ""), Secure: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	kit, err := pastime.Open(context.Background(), "agent.db", nil, &pastime.Options{
		Blobs: s3blobs.New(client, "sessions", "agent-1/"),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer kit.Close()
}
